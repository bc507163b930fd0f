import assert from 'node:assert/strict';
import { createCallers } from '../support/callers.ts';
import { createCleanup } from '../support/cleanup.ts';
import { cniNode, gateways } from '../support/cninode.ts';
import { succeeded } from '../support/cnitool.ts';
import { endpoint } from '../support/endpoint.ts';
import { type Netns } from '../support/netns.ts';
import { type Sidecar, startSidecar } from '../support/sidecar.ts';
import { serveHttp } from '../support/traffic.ts';

for (const cniVersion of ['1.0.0', '1.1.0'] as const) {
  describe(`traffic of a pod that cnitool adds with a chain of ${cniVersion}`, () => {
    const node = cniNode({ cniVersion });
    const cleanup = createCleanup();
    const callers = createCallers();
    let pod: Netns;
    let sidecar: Sidecar;

    before(async () => {
      pod = await node.pod();
      succeeded(await node.cnitool('add', pod));
      cleanup.add(callers.stop);
      sidecar = await startSidecar(pod, node.directory());
      cleanup.add(sidecar.stop);
      const places = [
        { netns: node.netns(), uid: 1000 },
        { netns: pod, uid: 1000 },
      ];
      for (const place of places) cleanup.add((await serveHttp(place, 'any', [8080])).stop);
    });
    after(() => cleanup.run());

    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`leaves through the sidecar, ${family}`, async () => {
        const app = { netns: pod, uid: 1000, gid: 1000 };
        const address = gateways[family];
        const talk = await callers.ask(app, { protocol: 'http', address, port: 8080 });
        assert.ok('seen' in talk, JSON.stringify(talk));
        assert.deepEqual(await sidecar.passageOf(talk.local), {
          direction: 'outbound',
          client: talk.local,
          destination: endpoint(address, 8080),
        });
      });
    }

    if (cniVersion === '1.1.0') {
      it('enters through the sidecar, also by a mapped port', async () => {
        const peer = { netns: node.netns(), uid: 1000, gid: 1000 };
        const question = { protocol: 'http', address: gateways.ipv4, port: 18080 } as const;
        const talk = await callers.ask(peer, question);
        assert.ok('seen' in talk, JSON.stringify(talk));
        assert.deepEqual(await sidecar.passageOf(talk.local), {
          direction: 'inbound',
          client: talk.local,
          destination: '10.88.0.2:8080',
        });
      });
    }
  });
}
