import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createCallers } from '../support/callers.ts';
import { createCleanup } from '../support/cleanup.ts';
import { redirect, scratchName } from '../support/ground.ts';
import { createMesh, type Mesh, targets } from '../support/mesh.ts';
import { type Daemon, start } from '../support/process.ts';
import { hasRoot } from '../support/scratch.ts';
import { serveHttp } from '../support/traffic.ts';

const transparent = fileURLToPath(new URL('../support/transparent.pl', import.meta.url));
const annotations = { 'sidecar.istio.io/interceptionMode': 'TPROXY' };

for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
  describe(`a sidecar that keeps the client's address, with TPROXY by ${backend}`, () => {
    const cleanup = createCleanup();
    const callers = createCallers();
    let mesh: Mesh;
    let sidecar: Daemon;

    before(async function () {
      if (!hasRoot()) this.skip();
      mesh = await createMesh(scratchName(), cleanup);
      cleanup.add(callers.stop);
      const owner = { uid: 0, gid: 1337 };
      sidecar = start({ netns: mesh.pod, owner }, ['perl', transparent, '15006']);
      const app = await serveHttp({ netns: mesh.pod, uid: 1000 }, 'app', [8080]);
      for (const { stop } of [sidecar, app]) cleanup.add(stop);
      await sidecar.line((line) => line === 'ready');
      await redirect(mesh.pod, backend, { annotations });
    });
    after(() => cleanup.run());

    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`shows it to the app, ${family}`, async () => {
        const [pod, peer] = [targets.pod[family], targets.peer[family]];
        const owner = { netns: mesh.peer, uid: 1000, gid: 1000 };
        const talk = await callers.ask(owner, { protocol: 'http', address: pod, port: 8080 });
        assert.ok('seen' in talk, JSON.stringify(talk));
        const passage = `${peer} ${pod} 8080`;
        assert.deepEqual(
          [addressOf(talk.seen), await sidecar.line((line) => line === passage)],
          [addressOf(talk.local), passage],
        );
        assert.notEqual(talk.seen, talk.local);
      });
    }
  });
}

/** `10.0.0.1:80` is `10.0.0.1`. */
function addressOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '');
}
