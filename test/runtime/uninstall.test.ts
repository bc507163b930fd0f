import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { CONFLIST, runtimeNode } from './node.ts';
import { held, loaded, meshed, plain, startPod, untilLoaded, WITH_OURS } from './pods.ts';

describe('containerd (debian) when Sluice is taken off its node', function () {
  this.timeout(120_000);
  const node = runtimeNode('debian', '1.0.0');
  let primary = '';
  let plugins: readonly string[] = [];
  let pod = '';

  before(async () => {
    const { host, agent } = node();
    primary = await readFile(host.path(CONFLIST), 'utf8');
    plugins = await readdir(host.path('/opt/cni/bin'));
    await agent.start();
    await untilLoaded(node(), WITH_OURS);
    agent.addPod('web-0');
    pod = await startPod(node(), 'web-0', meshed);
    assert.notDeepEqual(await held(node(), pod), []);
    await agent.stop();
  });

  it('has what it had before, byte for byte, and loads it', async () => {
    const { host } = node();
    await host.exec('/opt/cni/bin/sluice-cni', ['uninstall']);
    assert.equal(await readFile(host.path(CONFLIST), 'utf8'), primary);
    assert.deepEqual(await readdir(host.path('/opt/cni/bin')), plugins);
    assert.deepEqual(await loaded(node()), ['bridge', 'portmap']);
    // A note to agents that still run, so that none puts everything back.
    const { stdout } = await host.exec('find', ['/var/lib/sluice', '/run/sluice', '-type', 'f']);
    assert.equal(stdout, '/var/lib/sluice/installer.json');
  });

  it('starts pods, and stops those that were redirected', async () => {
    assert.deepEqual(await held(node(), await startPod(node(), 'late-0', plain)), []);
    const netns = await node().containerd.crictl.netnsOf(pod);
    await node().containerd.crictl.removePod(pod);
    assert.equal(existsSync(netns), false);
  });
});
