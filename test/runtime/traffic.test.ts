import assert from 'node:assert/strict';
import { until } from '../agent/until.ts';
import { type App, loadImages, type MeshedApp, startApp, startMeshedApp } from './apps.ts';
import { runtimeNode } from './node.ts';
import { untilLoaded, WITH_OURS } from './pods.ts';

describe('traffic of a meshed pod that containerd (debian) has started', function () {
  this.timeout(120_000);
  const node = runtimeNode('debian', '1.0.0');
  let web: MeshedApp;
  let peer: App;

  before(async () => {
    await loadImages(node());
    await node().agent.start();
    await untilLoaded(node(), WITH_OURS);
    node().agent.addPod('web-0');
    web = await startMeshedApp(node(), 'web-0');
    peer = await startApp(node(), 'peer');
  });

  for (const [index, family] of ['IPv4', 'IPv6'].entries()) {
    it(`passes the sidecar, ${family}`, async () => {
      const [from, to] = [peer, web].map((pod) => pod.addresses[index] ?? '');
      assert.equal(await peer.ask(to), 'web-0');
      await untilLogged(new RegExp(`^inbound ${from} \\d+ ${to} 8080$`, 'm'));
      assert.equal(await web.ask(from), 'peer');
      await untilLogged(new RegExp(`^outbound ${to} \\d+ ${from} 8080$`, 'm'));
    });
  }

  const untilLogged = (line: RegExp): Promise<void> =>
    until(async () => line.test(await web.log()));
});
