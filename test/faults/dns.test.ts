import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

/**
 * Runs a command where the only name server never answers, and is waited for longer than any test may last. Fails as the
 * plugin does if that has killed itself.
 */
const MUTE = `
ip link set lo up
iptables -A INPUT -p udp --dport 53 -j DROP
echo 'nameserver 127.0.0.53
options timeout:30 attempts:5' > "$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
shift
"$@"
[ $? = 137 ] && exit 1
exit 2`;

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
      const mute = ['unshare', '--net', '--mount', 'sh', '-c', MUTE, 'sh', here.directory()];
      const outcome = await runPlugin(here.add(netns.path, { config }), { through: mute });
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 11, msg);
      assert.match(msg, /the API server does not answer at https:\/\/api\.example\.com/);
      await assertWholeOrNothing(netns, outcome, []);
      assert.equal(here.record()?.error?.code, 11);
    }));
});

const KUBECONFIG = JSON.stringify({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://api.example.com' } }],
});
