import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { until } from '../agent/until.ts';
import { injected } from '../support/call.ts';
import { ours } from '../support/holdings.ts';
import { runtimeNode } from './node.ts';
import { held, meshed, plain, recordOf, startPod, tryPod, untilLoaded, WITH_OURS } from './pods.ts';

for (const [runtime, cniVersion] of [
  ['debian', '1.0.0'],
  ['built', '1.1.0'],
] as const) {
  describe(`containerd (${runtime}) and a chain of ${cniVersion}`, function () {
    this.timeout(120_000);
    const node = runtimeNode(runtime, cniVersion);

    it('starts pods before we come', async () => {
      await untilLoaded(node(), ['bridge', 'portmap']);
      const id = await startPod(node(), 'early', plain);
      assert.deepEqual(await held(node(), id), []);
    });

    it('loads our entry when the agent has put it there, without a restart', async () => {
      await node().agent.start();
      await untilLoaded(node(), WITH_OURS);
    });

    it('starts a meshed pod, which is redirected, and passes its annotations', async () => {
      node().agent.addPod('web-0');
      await until(async () => (await node().agent.known()) === 1);
      const id = await startPod(node(), 'web-0', meshed);
      const redirects = ours(await held(node(), id)).filter((rule) => rule.endsWith('ports 15001'));
      assert.deepEqual(
        redirects.map((rule) => rule.split(' ')[0]),
        ['ip', 'ip6'],
      );
      const record = recordOf(node(), id);
      assert.deepEqual(
        [record?.outcome, record?.facts?.source, record?.request],
        ['redirected', 'agent/watch', { cniVersion, network: 'net', podAnnotations: injected }],
      );
    });

    it('starts a pod that is not meshed, which is left alone', async () => {
      const id = await startPod(node(), 'plain-0', plain);
      assert.deepEqual(await held(node(), id), []);
      assert.equal(recordOf(node(), id), undefined);
    });

    it('lets the record go with the pod', async () => {
      node().agent.addPod('web-1');
      const id = await startPod(node(), 'web-1', meshed);
      const netns = await node().containerd.crictl.netnsOf(id);
      assert.equal(recordOf(node(), id)?.outcome, 'redirected');
      await node().containerd.crictl.removePod(id);
      assert.equal(recordOf(node(), id), undefined);
      assert.equal(existsSync(netns), false);
    });

    it('starts plain pods while the agent is away, and refuses meshed ones until it is back', async () => {
      await node().agent.stop();
      node().agent.addPod('web-2');
      const id = await startPod(node(), 'plain-1', plain);
      assert.deepEqual(await held(node(), id), []);

      const { stderr, exitCode } = await tryPod(node(), 'web-2', meshed);
      const sentence =
        'cannot learn about pod default/web-2 within 10000 ms: the agent does not answer';
      assert.ok(stderr.includes(`failed (add): ${sentence}`), stderr);
      assert.equal(exitCode, 1);

      await node().agent.start();
      const late = await startPod(node(), 'web-2', meshed);
      assert.equal(recordOf(node(), late)?.outcome, 'redirected');
    });
  });
}
