import assert from 'node:assert/strict';
import { cniNode } from '../support/cninode.ts';
import { type Received, succeeded } from '../support/cnitool.ts';
import { holdings, ours } from '../support/holdings.ts';
import { inNetns } from '../support/scratch.ts';

for (const cniVersion of ['1.0.0', '1.1.0'] as const) {
  describe(`cnitool with a chain of ${cniVersion} and a meshed pod`, () => {
    const { pod: makePod, cnitool, record, agent } = cniNode({ cniVersion });

    it('is given the result of bridge by ADD', async () => {
      const pod = await makePod();
      const { stdout, received } = succeeded(await cnitool('add', pod));
      const result: unknown = JSON.parse(stdout);
      assert.deepEqual(
        received.map(({ verb, config }) => [verb, config.prevResult]),
        [['ADD', result]],
      );
      assert.ok(stdout.includes(pod.path), stdout);
      assert.match(stdout, new RegExp(`"cniVersion": "${cniVersion}"`));
    });

    it('has rules of both families after ADD, and nothing wrong for CHECK', async () => {
      const pod = await makePod();
      succeeded(await cnitool('add', pod));
      const redirects = ours(await holdings(pod)).filter((rule) => rule.endsWith('ports 15001'));
      assert.deepEqual(
        redirects.map((rule) => rule.split(' ')[0]),
        ['ip', 'ip6'],
      );
      const { received } = succeeded(await cnitool('check', pod));
      assert.deepEqual(
        received.map(({ verb }) => verb),
        ['CHECK'],
      );
    });

    for (const [family, program] of Object.entries({ ipv4: 'iptables', ipv6: 'ip6tables' })) {
      it(`is told by CHECK which rule is missing, ${family}`, async () => {
        const pod = await makePod();
        succeeded(await cnitool('add', pod));
        await inNetns(pod, [`${program}-nft`, '-t', 'nat', '-D', 'ISTIO_REDIRECT', '1']);
        const { exitCode, stderr, received } = await cnitool('check', pod);
        const place = `${family}: rule 1 of chain ISTIO_REDIRECT in table nat is missing: `;
        const sentence = `the netns "${pod.path}" is not as it should be: ${place}`;
        assert.ok(stderr.startsWith(sentence), stderr);
        assert.deepEqual([exitCode, received.map(errorCode)], [1, [104]]);
      });
    }

    it('leaves no record after DEL, and may send another', async () => {
      const pod = await makePod();
      succeeded(await cnitool('add', pod));
      assert.equal(record(pod)?.outcome, 'redirected');
      const first = succeeded(await cnitool('del', pod));
      assert.equal(record(pod), undefined);
      const second = succeeded(await cnitool('del', pod));
      assert.deepEqual(
        [first, second].map(({ received }) =>
          received.map(({ verb, config }) => [verb, config.prevResult !== undefined]),
        ),
        [[['DEL', true]], [['DEL', false]]],
      );
    });

    it('may pass no annotations: the agent knows them', async () => {
      const pod = await makePod();
      const before = agent().requests.length;
      succeeded(await cnitool('add', pod, {}));
      assert.equal(record(pod)?.outcome, 'redirected');
      // What an earlier ADD told may come late; what this one asked was answered.
      const asked = agent().requests.slice(before);
      assert.ok(asked.includes('GET /v1/pods/default/web-0?uid=uid-1'), asked.join());
    });
  });
}

function errorCode({ answer }: Received): number {
  return (JSON.parse(answer) as { readonly code: number }).code;
}
