import { join } from 'node:path';
import assert from 'node:assert/strict';
import { type Invocation } from '../../cni/spec/request.ts';
import { invocation } from '../support/call.ts';
import { logged } from '../support/plugin.ts';
import { type Traced, tracePlugin } from '../support/trace.ts';

/** Whatever touches a file, a socket, another process, or where we are. */
const CALLS = '%file,%network,%process,mount,setns,unshare';
const podAnnotations = { 'kubernetes.io/config.source': 'api' };
/** Nothing of this is there; whoever looks is seen. */
const config = {
  cniVersion: '1.1.0',
  agentSocket: '/nonexistent/agent.sock',
  // Nowhere a directory could be made, should the plugin ever try.
  stateDir: '/proc/nonexistent/state',
  toolsDir: '/nonexistent/tools',
};
const env = { CNI_NETNS: '/nonexistent/netns' };

const executable = join(import.meta.dirname, '../../dist/sluice-cni');

const requests: Record<string, Invocation> = {
  'ADD of a pod that is not injected': invocation({ podAnnotations, env, config }),
  'ADD of a pod in an excluded namespace': invocation({
    env: { ...env, CNI_ARGS: 'K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=dns-0' },
    config,
  }),
  'ADD of the own agent': invocation({
    podAnnotations,
    env: { ...env, CNI_ARGS: 'K8S_POD_NAMESPACE=sluice-system;K8S_POD_NAME=sluice-agent-x' },
    config,
  }),
  'ADD of a container outside Kubernetes': invocation({ env: { ...env, CNI_ARGS: '' }, config }),
  'ADD with wrong keys of ours': invocation({
    podAnnotations,
    env,
    config: { ...config, deadlineMs: 'soon', backend: 7 },
  }),
  STATUS: invocation({ command: 'STATUS', config }),
};

describe('what does not concern a meshed pod touches no file, socket or process more than VERSION:', () => {
  let usual: Traced;
  before(async () => {
    // One start in 25 opens the executable and /proc/self/maps once less than the others: not a measure for them.
    do {
      usual = await tracePlugin(invocation({ command: 'VERSION', podAnnotations, config }), CALLS);
    } while (!touched(usual).includes(`openat ${executable}`));
    assert.ok(
      usual.calls.some((call) => call.startsWith('execve(')),
      'strace shows nothing',
    );
  });

  for (const [name, request] of Object.entries(requests)) {
    it(name, async () => {
      const traced = await tracePlugin(request, CALLS);
      assert.equal(traced.exitCode, 0, traced.stdout);
      assert.deepEqual(more(traced, usual), []);
      assert.deepEqual(
        touched(traced).filter((call) => call.includes('/nonexistent')),
        [],
      );
    });
  }

  it('while a meshed pod does, so that it would be seen', async () => {
    const traced = await tracePlugin(
      invocation({ env, config: { ...config, deadlineMs: 50 } }),
      CALLS,
    );
    const extra = more(traced, usual);
    assert.ok(
      extra.some((call) => call.includes('/nonexistent/agent.sock')),
      extra.join('\n'),
    );
  });

  it('and says why on one line', async () => {
    const { 'ADD of a pod that is not injected': request } = requests;
    assert.ok(request);
    const lines = logged(await tracePlugin(request, CALLS));
    assert.deepEqual(
      lines.map(({ msg, reason }) => [msg, reason]),
      [['not redirected', 'not-injected']],
    );
  });
});

/** Paths, sockets and processes; not what is asked of a descriptor, nor threads, which come and go as they like. */
function touched({ calls }: Traced): string[] {
  return calls
    .flatMap((call) => {
      const [, name = ''] = /^(\w+)\(/.exec(call) ?? [];
      if (/^(clone3?|v?fork|setns|unshare|mount|socket|connect|bind|listen)$/.test(name)) {
        return call.includes('CLONE_THREAD') ? [] : [call];
      }
      const [, path] = /"([^"]+)"/.exec(call) ?? [];
      return path === undefined ? [] : [`${name} ${path}`];
    })
    .sort();
}

/** What the request touches more often than VERSION. */
function more(traced: Traced, usual: Traced): string[] {
  const rest = touched(usual);
  return touched(traced).filter((call) => {
    const at = rest.indexOf(call);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}
