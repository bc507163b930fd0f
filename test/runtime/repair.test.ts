import assert from 'node:assert/strict';
import { until } from '../agent/until.ts';
import { say } from '../bed/goprogram.ts';
import { type App, loadImages, type MeshedApp, startApp, startMeshedApp } from './apps.ts';
import { runtimeNode } from './node.ts';
import { held, recordOf } from './pods.ts';

for (const [runtime, cniVersion, way] of [
  ['debian', '1.0.0', 'the processes of its cgroup'],
  ['built', '1.1.0', 'what the runtime keeps of its ADD'],
] as const) {
  describe(`a pod that containerd (${runtime}) has started before the agent came`, function () {
    this.timeout(120_000);
    const node = runtimeNode(runtime, cniVersion);
    let web: MeshedApp;
    let peer: App;

    before(async () => {
      await loadImages(node());
      node().agent.addPod('web-0');
      web = await startMeshedApp(node(), 'web-0');
      peer = await startApp(node(), 'peer');
    });

    const talk = async (): Promise<void> => {
      for (const index of [0, 1]) {
        assert.equal(await peer.ask(web.addresses[index]), 'web-0');
        assert.equal(await web.ask(peer.addresses[index]), 'peer');
      }
    };
    const taken = async (): Promise<string[]> =>
      (await web.log()).split('\n').flatMap((line) => /^(in|out)bound /.exec(line)?.[1] ?? []);

    it('passes its sidecar by', async () => {
      await talk();
      assert.deepEqual(await taken(), []);
    });

    it(`is found by ${way}, and redirected`, async () => {
      const startedAt = performance.now();
      // With a period that no test outlives: it is the start that finds the pod.
      await node().agent.start({ SLUICE_CENSUS_SECONDS: '86400' });
      await until(async () => (await held(node(), web.id)).length > 0);
      await until(() => node().agent.reasons().includes('RedirectionRepaired'));
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      say(`repaired, and told, ${seconds} s after the agent's process was started`);
    });

    it('goes through its sidecar now, in both families and directions', async () => {
      await talk();
      await until(async () => (await taken()).sort().join() === 'in,in,out,out');
    });

    it('has the record of an ADD, which goes with it', async () => {
      const record = recordOf(node(), web.id);
      assert.deepEqual(
        [record?.outcome, record?.ifName, record?.request.network],
        ['redirected', 'eth0', 'net'],
      );
      await node().containerd.crictl.removePod(web.id);
      await until(() => recordOf(node(), web.id) === undefined);
    });

    it('leaves other pods as they were', async () => {
      assert.deepEqual(await held(node(), peer.id), []);
      assert.deepEqual(node().agent.reasons(), ['RedirectionRepaired']);
    });
  });
}
