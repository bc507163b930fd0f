import assert from 'node:assert/strict';
import { until } from '../agent/until.ts';
import { inNetns } from '../support/scratch.ts';
import { type App, loadImages, startApp, startNativelyMeshedApp } from './apps.ts';
import { runtimeNode } from './node.ts';
import { held, meshed, podOf, startPod } from './pods.ts';
import { uidOf } from './uid.ts';

const damages: Readonly<Record<string, string>> = {
  flushed: 'nft flush ruleset',
  preceded: 'iptables-nft -t nat -I OUTPUT 1 -j RETURN',
  reordered: `rule=$(iptables-nft -t nat -S ISTIO_OUTPUT | sed -n 's/^-A ISTIO_OUTPUT //p' | tail -n 1)
    eval "iptables-nft -t nat -D ISTIO_OUTPUT $rule"
    eval "iptables-nft -t nat -I ISTIO_OUTPUT 1 $rule"`,
};

/** All that is ours, and a rule of somebody else's, which is kept, behind ours. */
function mended(whole: readonly string[], how: string): string[] {
  if (how !== 'preceded') return [...whole];
  const last = whole.findLastIndex((line) => line.startsWith('ip nft nat -A OUTPUT '));
  return whole.toSpliced(last + 1, 0, 'ip nft nat -A OUTPUT -j RETURN');
}

describe('pods of containerd (built) on a node whose network has no entry of ours', function () {
  this.timeout(120_000);
  const node = runtimeNode('built', '1.1.0');
  let peer: App;

  before(async () => {
    await loadImages(node());
    peer = await startApp(node(), 'peer');
    await node().agent.start({ SLUICE_INSTALL: 'none', SLUICE_CENSUS_SECONDS: '1' });
  });

  const untilRepaired = (uid: string): Promise<void> =>
    until(() => node().agent.reasons(uid).includes('RedirectionRepaired'));
  const reasonsAbout = (name: string): unknown[] => node().agent.reasons(uidOf(name));

  it('are redirected where the sidecar is a native one, past a decoy with the same address', async () => {
    const { host, agent } = node();
    const web = await startNativelyMeshedApp(node(), 'web-0');
    await host.exec('ip', ['netns', 'add', 'decoy']);
    await host.exec('ip', ['-n', 'decoy', 'link', 'set', 'lo', 'up']);
    await host.exec('ip', ['-n', 'decoy', 'addr', 'add', `${web.addresses[0]}/32`, 'dev', 'lo']);
    host.daemon('decoy', 'ip', ['netns', 'exec', 'decoy', 'sleep', '1000']);
    assert.equal(await peer.ask(web.addresses[0]), 'web-0');
    assert.equal(await web.log(), '');
    agent.addPod('web-0', { proxy: { init: true } });
    await untilRepaired(uidOf('web-0'));
    assert.equal(await peer.ask(web.addresses[0]), 'web-0');
    await until(async () => /^inbound /m.test(await web.log()));
    const { stdout } = await host.exec('ip', ['netns', 'exec', 'decoy', 'nft', 'list', 'ruleset']);
    assert.equal(stdout, '');
  });

  for (const [how, script] of Object.entries(damages)) {
    it(`are put right again when their rules are ${how} while they run`, async () => {
      const id = await startPod(node(), how, meshed);
      node().agent.addPod(how);
      await untilRepaired(uidOf(how));
      const whole = await held(node(), id);
      const netns = { name: id, path: await node().containerd.crictl.netnsOf(id) };
      const list = `iptables-nft-save -t nat | grep '^-A' || true`;
      const before = await inNetns(netns, ['sh', '-c', list]);
      // Seen in one go: half a second later it may have been put right.
      assert.notEqual(await inNetns(netns, ['sh', '-ec', `${script}\n${list}`]), before);
      const wanted = mended(whole, how).join('\n');
      await until(async () => (await held(node(), id)).join('\n') === wanted);
    });
  }

  it('are redirected when they are made anew under the same name', async () => {
    const { agent, containerd } = node();
    const first = await startPod(node(), 'again', meshed);
    agent.addPod('again');
    await untilRepaired(uidOf('again'));
    await containerd.crictl.removePod(first);
    agent.removePod('again');
    const uid = uidOf('other');
    const { stdout: second } = await containerd.crictl.runPod({ ...podOf('again', meshed), uid });
    agent.addPod('again', { uid });
    await untilRepaired(uid);
    assert.notDeepEqual(await held(node(), second), []);
    assert.deepEqual(reasonsAbout('again'), ['RedirectionRepaired']);
  });
});
