import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { addressOf, apply, ask, readyPods } from './ask.ts';
import { cluster } from './cluster.ts';
import { install, uninstall } from './install.ts';
import { CONFLIST } from './node.ts';
import { deployment } from './pods.ts';

const ours =
  '/opt/cni/bin/sluice-cni /opt/cni/bin/.sluice /etc/cni/net.d/.sluice* /etc/cni/net.d/*sluice*';
/** kubelet makes them for the pod, and nobody in the pod can remove what is mounted there. */
const mounted = '/run/sluice /var/lib/sluice';

describe('kubectl delete -f DaemonSet.yaml', function () {
  this.timeout(240_000);
  const at = cluster();
  before(async () => {
    await install(at());
    await apply(at(), deployment('web', { mesh: 'container', node: 'node-1' }));
    await readyPods(at(), 'web');
  });

  it('ends', async () => {
    await uninstall(at());
  });

  for (const index of [0, 1] as const) {
    it(`leaves the network of node-${index + 1} as it was before, byte for byte`, async () => {
      const { host, network } = at().nodes[index];
      assert.equal(await readFile(host.path(CONFLIST), 'utf8'), network);
    });

    it(`leaves nothing of ours on node-${index + 1} but two empty directories`, async () => {
      const script = `find ${ours} 2>/dev/null; find ${mounted} -mindepth 1`;
      const { stdout } = await at().nodes[index].host.exec('sh', ['-c', script]);
      assert.equal(stdout, '');
    });
  }

  it('lets new pods start, and old ones go on', async () => {
    await apply(at(), deployment('plain', { node: 'node-2' }));
    const [[plain], [web]] = [await readyPods(at(), 'plain'), await readyPods(at(), 'web')];
    assert.equal(await ask(at(), plain, addressOf(web)), web.metadata.name);
  });
});
