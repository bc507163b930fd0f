import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { until } from '../agent/until.ts';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, executable, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

/** Where the only name server never answers, and is waited for longer than any test may last. */
const MUTE = `
ip link set lo up
iptables -A INPUT -p udp --dport 53 -j DROP
echo 'nameserver 127.0.0.53
options timeout:30 attempts:5' > "$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
shift
`;
/** Fails as the plugin does if that has killed itself. */
const RUN = '"$@"; [ $? = 137 ] && exit 1; exit 2';

function muted(directory: string, script: string): string[] {
  return ['unshare', '--net', '--mount', 'sh', '-c', MUTE + script, 'sh', directory];
}

describe('an ADD that asks an API server whose name nobody resolves', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  it('ends by its deadline, before the name server is given up', () =>
    withNetns(async (netns) => {
      const kubeconfig = `${here.directory()}/kubeconfig`;
      writeFileSync(kubeconfig, KUBECONFIG);
      const config = {
        agentSocket: '/nonexistent/agent.sock',
        apiFallback: { kubeconfig },
        deadlineMs: 500,
      };
      const through = muted(here.directory(), RUN);
      const outcome = await runPlugin(here.add(netns.path, { config }), { through });
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 11, msg);
      assert.match(msg, /the API server does not answer at https:\/\/api\.example\.com/);
      await assertWholeOrNothing(netns, outcome, []);
      assert.equal(here.record()?.error?.code, 11);
    }));
});

describe('an agent that looks for an API server whose name nobody resolves', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  it('ends when it is told to', async () => {
    const directory = here.directory();
    writeFileSync(`${directory}/kubeconfig`, KUBECONFIG);
    const through = muted(directory, 'exec "$@"');
    const agent = execa(through[0] ?? '', [...through.slice(1), executable, 'agent'], {
      extendEnv: false,
      reject: false,
      timeout: 30_000,
      forceKillAfterDelay: false,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        NODE_NAME: 'n1',
        SLUICE_INSTALL: 'none',
        SLUICE_KUBECONFIG: `${directory}/kubeconfig`,
        SLUICE_AGENT_SOCKET: `${directory}/agent.sock`,
        SLUICE_STATE_DIR: `${directory}/state`,
        SLUICE_ADDRESS: '127.0.0.1:0',
      },
    });
    const asks = (): boolean =>
      existsSync(`${directory}/agent.sock`) &&
      readFileSync(`/proc/${agent.pid}/net/udp`, 'utf8').includes(NAME_SERVER);
    await until(asks);
    agent.kill('SIGTERM');
    // It kills itself in the end: what is only being logged then is not shown for certain.
    const { signal, timedOut } = await agent;
    assert.deepEqual([signal, timedOut], ['SIGKILL', false]);
  });
});

/** 127.0.0.53:53, as the kernel writes it. */
const NAME_SERVER = '3500007F:0035';
const KUBECONFIG = JSON.stringify({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://api.example.com' } }],
});
