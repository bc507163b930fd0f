import assert from 'node:assert/strict';
import { cniNode } from '../support/cninode.ts';
import { succeeded } from '../support/cnitool.ts';
import { holdings } from '../support/holdings.ts';

/** What kubelet adds to every pod. */
const annotations = { 'kubernetes.io/config.source': 'api' };

for (const cniVersion of ['1.0.0', '1.1.0'] as const) {
  describe(`cnitool with a chain of ${cniVersion} and a pod that is not meshed`, () => {
    const { pod: makePod, cnitool, record, agent } = cniNode({ cniVersion });

    it('passes it through every verb, untouched', async () => {
      const pod = await makePod();
      const { stdout, received } = succeeded(await cnitool('add', pod, annotations));
      assert.deepEqual(JSON.parse(stdout), received[0]?.config.prevResult);
      assert.deepEqual(received[0]?.config.runtimeConfig, {
        'io.kubernetes.cri.pod-annotations': annotations,
      });
      for (const verb of ['check', 'del'] as const) {
        assert.deepEqual(await holdings(pod), []);
        assert.equal(record(pod), undefined);
        succeeded(await cnitool(verb, pod, annotations));
      }
      assert.deepEqual(agent().requests, []);
    });
  });
}
