import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { until } from '../agent/until.ts';
import { CONFLIST, primary, type RuntimeNode, runtimeNode, writeNetwork } from './node.ts';
import { loaded, meshed, recordOf, startPod, tryPod } from './pods.ts';

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
    await untilLoaded(node(), ['bridge', 'portmap', 'sluice-cni']);
    await assertRedirected(node(), 'web-0');
  });

  it('loads it again when the owner of the list has written it anew', async () => {
    await writeNetwork(node().host, CONFLIST, primary('1.0.0'));
    await untilLoaded(node(), ['bridge', 'portmap', 'sluice-cni']);
    await assertRedirected(node(), 'web-1');
  });

  it('loads a list of our own where the owner has a single plugin now', async () => {
    const { cniVersion, name, plugins } = primary('1.0.0');
    await writeNetwork(node().host, CONFLIST.replace(/list$/, ''), {
      cniVersion,
      name,
      ...plugins[0],
    });
    await rm(node().host.path(CONFLIST));
    await untilLoaded(node(), ['bridge', 'sluice-cni']);
    assert.deepEqual(await readdir(node().host.path(dirname(CONFLIST))), [
      '0-sluice.conflist',
      '10-net.conf',
    ]);
    await assertRedirected(node(), 'web-2');
  });
});

async function untilLoaded(node: RuntimeNode, types: readonly string[]): Promise<void> {
  await until(async () => (await loaded(node)).join() === types.join());
}

async function assertRedirected(node: RuntimeNode, name: string): Promise<void> {
  node.agent.addPod(name);
  const id = await startPod(node, name, meshed);
  assert.equal(recordOf(node, id)?.outcome, 'redirected');
}
