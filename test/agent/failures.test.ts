import assert from 'node:assert/strict';
import { readHistory } from '../../agent/history.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { injected, invocation } from '../support/call.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';
import { type RunningAgent, startAgent } from './running.ts';
import { until } from './until.ts';

describe('an ADD that fails', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  let agent: RunningAgent;

  beforeEach(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    server.history.set({ namespace: 'default', name: 'web-0', uid: 'uid-1' });
    agent = startAgent({ access: server.access, directory: directory.path });
    await agent.isReady();
  });
  afterEach(async () => {
    await agent.stop();
    await server.stop();
    directory.dispose();
  });

  const add = (changes: Parameters<typeof invocation>[0] = {}) =>
    invocation({
      podAnnotations: injected,
      ...changes,
      env: { CNI_NETNS: '/nonexistent/netns', ...changes.env },
      config: {
        agentSocket: `${directory.path}/agent.sock`,
        stateDir: `${directory.path}/state`,
        ...changes.config,
      },
    });
  const counted = async (decision: string, count: number): Promise<void> => {
    const line = `sluice_adds_total{decision="${decision}",outcome="failed"} ${count}`;
    await until(async () => (await agent.get('/metrics')).split('\n').includes(line));
  };
  const failures = (): readonly Record<string, unknown>[] =>
    agent.lines().filter(({ msg }) => msg === 'failed');

  it('is counted and logged by the agent', async () => {
    const { code, msg } = errorResult(await runPlugin(add()));
    assert.equal(code, 3);
    await counted('redirect', 1);
    const [line] = failures();
    assert.equal(line?.level, 50);
    assert.equal((line.error as { readonly msg: string }).msg, msg);
  });

  const early: Readonly<Record<string, [Parameters<typeof invocation>[0], number]>> = {
    'by its environment': [{ env: { CNI_ARGS: 'K8S_POD_NAME' } }, 4],
    'by its network configuration': [{ config: { name: 'te%%st' } }, 7],
    'by a wrong key of ours': [{ config: { deadlineMs: 'soon' } }, 7],
    'by the netns of its caller': [{ env: { CNI_NETNS: '/proc/self/ns/net' } }, 8],
  };
  for (const [what, [changes, wanted]] of Object.entries(early)) {
    it(`${what} is counted and logged too, and kept`, async () => {
      const { code, msg, details } = errorResult(await runPlugin(add(changes)));
      assert.equal(code, wanted);
      await counted(wanted === 8 ? 'redirect' : 'none', 1);
      const [line] = failures();
      assert.deepEqual([line?.containerId, line?.error], ['container-1', { code, msg, details }]);
      await agent.stop();
      const [kept, ...more] = await readHistory(`${directory.path}/state`);
      assert.deepEqual([kept?.error?.code, more], [wanted, []]);
    });
  }

  it('because stdin is no JSON is told where an agent listens by default', async function () {
    if (!hasRoot()) this.skip();
    // For this one process, the directory of the test's agent is the default one.
    const script =
      'mount -t tmpfs tmpfs /run && mkdir /run/sluice && mount --bind "$1" /run/sluice && shift && exec "$@"';
    const through = ['unshare', '--mount', 'sh', '-c', script, 'sh', directory.path];
    const ended = await runPlugin({ ...add(), stdin: '{"name"' }, { through });
    assert.equal(errorResult(ended).code, 6);
    await counted('none', 1);
    assert.deepEqual(failures()[0]?.pod, { namespace: 'default', name: 'web-0', uid: 'uid-1' });
  });
});
