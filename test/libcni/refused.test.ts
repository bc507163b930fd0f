import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { injected } from '../support/call.ts';
import { cniNode } from '../support/cninode.ts';
import { succeeded } from '../support/cnitool.ts';
import { holdings, ours } from '../support/holdings.ts';

const annotation = 'traffic.sidecar.istio.io/excludeInboundPorts';
const annotations = { ...injected, [annotation]: 'ssh' };

for (const cniVersion of ['1.0.0', '1.1.0'] as const) {
  describe(`cnitool with a chain of ${cniVersion} and a pod that cannot be`, () => {
    const { directory, pod: makePod, cnitool, record } = cniNode({ cniVersion });
    const reserved = (): string[] =>
      readdirSync(`${directory()}/ipam/libcni-test`).filter((name) => /[.:]\d+$/.test(name));

    it('tells our sentence, and no result', async () => {
      const pod = await makePod();
      const { stdout, stderr, exitCode } = await cnitool('add', pod, annotations);
      const expected = 'expected an integer from 1 to 65535';
      const sentence = `cannot use annotation ${annotation}: cannot parse port "ssh": ${expected}`;
      assert.deepEqual([stdout, exitCode], ['', 1]);
      assert.ok(stderr.includes(`plugin type="sluice-cni" failed (add): ${sentence}`), stderr);
      assert.deepEqual(ours(await holdings(pod)), []);
    });

    it('is then let go by a DEL without a result', async () => {
      const pod = await makePod();
      await cnitool('add', pod, annotations);
      assert.equal(record(pod)?.outcome, 'failed');
      const before = reserved();
      const { received } = succeeded(await cnitool('del', pod, annotations));
      assert.deepEqual(
        received.map(({ verb, config }) => [verb, 'prevResult' in config]),
        [['DEL', false]],
      );
      assert.equal(record(pod), undefined);
      assert.equal(reserved().length, before.length - 2);
    });
  });
}
