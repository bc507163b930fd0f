import assert from 'node:assert/strict';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Backend, programOf } from '../../cni/kernel/tools.ts';
import { until } from '../agent/until.ts';
import { createCleanup } from '../support/cleanup.ts';
import { redirect, scratchName } from '../support/ground.ts';
import { createMesh, type Mesh, targets } from '../support/mesh.ts';
import { hasRoot, inNetns } from '../support/scratch.ts';
import { sendStray } from '../support/stray.ts';

for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
  describe(`packets of no connection, by ${backend}`, () => {
    const cleanup = createCleanup();
    let mesh: Mesh;

    before(async function () {
      if (!hasRoot()) this.skip();
      mesh = await createMesh(scratchName(), cleanup);
    });
    after(() => cleanup.run());

    for (const mode of ['REDIRECT', 'TPROXY'] as const) {
      for (const drop of [false, true]) {
        describe(`with ${mode} and INVALID_DROP ${drop ? 'on' : 'off'}`, () => {
          before(async () => {
            await redirect(mesh.pod, backend, {
              annotations: { 'sidecar.istio.io/interceptionMode': mode },
              env: { INVALID_DROP: String(drop) },
            });
          });

          for (const family of ['ipv4', 'ipv6'] as const) {
            it(`are ${drop ? 'dropped, and counted' : "the kernel's to answer"}, ${family}`, async () => {
              // An excluded port: in TPROXY mode a packet to any other needs a sidecar that listens.
              const [from, to] = [targets.peer[family], targets.pod[family]];
              const waitS = drop ? 0.3 : 10;
              const answer = await sendStray(mesh.peer, family, { from, to, port: 15020, waitS });
              const dropped = (): Promise<number> => droppedPackets(mesh, backend, family);
              if (drop) await until(dropped);
              assert.deepEqual([answer, await dropped()], drop ? ['silence', 1] : ['reset', 0]);
            });
          }
        });
      }
    }
  });
}

/** What the rule has counted; 0 if there is none. */
async function droppedPackets({ pod }: Mesh, backend: Backend, family: Family): Promise<number> {
  const save = programOf(backend, family, 'save');
  const saved = await inNetns(pod, [save, '-c', '-t', 'mangle']);
  return Number(/^\[(\d+):\d+\] -A ISTIO_DROP .*-j DROP/m.exec(saved)?.[1] ?? 0);
}
