import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CONFLIST, primary, type RuntimeNode, runtimeNode, writeNetwork } from './node.ts';
import { meshed, recordOf, startPod, tryPod, untilLoaded, WITH_OURS } from './pods.ts';

describe('containerd (debian) whose network comes after the agent', function () {
  this.timeout(120_000);
  const node = runtimeNode('debian', '1.0.0', { hasNetwork: false });

  it('starts no pod before', async () => {
    node().agent.launch();
    const { stderr, exitCode } = await tryPod(node(), 'early-0', meshed);
    assert.equal(exitCode, 1);
    assert.match(stderr, /cni plugin not initialized/);
  });

  it('loads our entry as soon as there is a list', async () => {
    await writeNetwork(node().host, CONFLIST, primary('1.0.0'));
    await untilLoaded(node(), WITH_OURS);
    await assertRedirected(node(), 'web-0');
  });

  it('loads it again when the owner of the list has written it anew', async () => {
    const { plugins, ...network } = primary('1.0.0');
    // With one more, or what was loaded before would look like what is waited for.
    const more = [...plugins, { type: 'tuning' }];
    await writeNetwork(node().host, CONFLIST, { ...network, plugins: more });
    await untilLoaded(node(), ['bridge', 'portmap', 'tuning', 'sluice-cni']);
    await assertRedirected(node(), 'web-1');
  });

  it('loads a list of our own where the owner has a single plugin now', async () => {
    const { cniVersion, name, plugins } = primary('1.0.0');
    await rm(node().host.path(CONFLIST));
    await writeNetwork(node().host, CONFLIST.replace(/list$/, ''), {
      cniVersion,
      name,
      ...plugins[0],
    });
    await untilLoaded(node(), ['bridge', 'sluice-cni']);
    assert.deepEqual(await readdir(node().host.path(dirname(CONFLIST))), [
      '0-sluice.conflist',
      '10-net.conf',
    ]);
    await assertRedirected(node(), 'web-2');
  });
});

async function assertRedirected(node: RuntimeNode, name: string): Promise<void> {
  node.agent.addPod(name);
  const id = await startPod(node, name, meshed);
  assert.equal(recordOf(node, id)?.outcome, 'redirected');
}
