import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareWithInit, type ToldDifference } from '../../../debug/simulate/against.ts';
import { container, podFacts, type PodChanges } from '../../support/pod.ts';

/** What the injector passes to an istio-init by default. */
const usual = '-p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x  -b * -d 15090,15021,15020 -o 15020';
const EXCLUDE_RANGES = 'traffic.sidecar.istio.io/excludeOutboundIPRanges';

async function differences(
  args: string,
  changes: PodChanges = {},
): Promise<readonly ToldDifference[]> {
  const init = container('istio-init', {
    init: true,
    args: ['istio-iptables', ...args.split(' ')],
  });
  const comparison = await compareWithInit(podFacts({ ...changes, others: [init] }));
  assert.ok(comparison);
  return comparison.differences;
}

describe('compareWithInit()', () => {
  it('finds nothing where arguments and annotations say the same', async () => {
    assert.deepEqual(await differences(usual), []);
    const args = usual.replace('-x ', '-x 10.0.0.0/8,fd00::/8');
    const annotations = { [EXCLUDE_RANGES]: 'fd00::/8, 10.0.0.0/8' };
    assert.deepEqual(await differences(args, { annotations }), []);
  });

  it('tells of addresses that the mesh excludes, and no annotation does', async () => {
    assert.deepEqual(await differences(usual.replace('-x ', '-x 10.0.0.0/8')), [
      {
        direction: 'outbound',
        families: ['ipv4'],
        packets:
          'tcp, not by lo, to 10.0.0.0/8, not port 15020, not of user 1337, not of group 1337',
        ours: 'redirected to 15001',
        theirs: 'left alone',
      },
    ]);
  });

  for (const [name, count] of [['istio-init', 1] as const, ['istio-validation', 0] as const]) {
    it(`says of ${name} whether annotations have what the mesh sets`, async () => {
      const args = ['istio-iptables', ...usual.replace('-x ', '-x 10.0.0.0/8').split(' ')];
      const others = [container(name, { init: true, args })];
      const comparison = await compareWithInit(podFacts({ others }));
      const told = comparison?.notes.filter((note) => note.includes('pilot.cni.enabled'));
      assert.equal(told?.length, count);
    });
  }

  const cases: Readonly<
    Record<string, [args: string, packets: RegExp, ours: string, theirs: string]>
  > = {
    'a port that only the arguments exclude': [
      usual.replace('-o 15020', '-o 15020,5432'),
      /^tcp, not by lo, not to loopback, port 5432, not of user 1337/,
      'redirected to 15001',
      'left alone',
    ],
    'an inbound port that only the arguments exclude': [
      usual.replace('15020 -o', '15020,9090 -o'),
      /^tcp, port 9090$/,
      'redirected to 15006',
      'left alone',
    ],
    'another port that the proxy listens on': [
      usual.replace('15006', '16006'),
      /^tcp/,
      'redirected to 15006',
      'redirected to 16006',
    ],
    'another user that the proxy runs as': [
      usual.replace('1337', '2000'),
      /of user 1337/,
      'redirected to 15001',
      'left alone',
    ],
    'DNS that only the arguments capture': [
      `${usual} --redirect-dns --capture-all-dns`,
      /^udp, port 53/,
      'left alone',
      'redirected to 15053, zone 2',
    ],
  };
  for (const [what, [args, packets, ours, theirs]] of Object.entries(cases)) {
    it(`tells of ${what}`, async () => {
      const found = (await differences(args)).find(
        (each) => packets.test(each.packets) && each.ours === ours && each.theirs === theirs,
      );
      assert.ok(found, JSON.stringify(await differences(args), undefined, 1));
      assert.equal(found.purpose, undefined);
    });
  }

  it('knows where we differ on purpose', async () => {
    const plain = await differences(usual.replace(' -o 15020', ''));
    const tproxy = await differences(usual.replace('REDIRECT', 'TPROXY'), {
      annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' },
    });
    assert.ok(plain.length > 0 && tproxy.length > 0);
    for (const { purpose, packets } of [...plain, ...tproxy]) assert.ok(purpose, packets);
  });

  it('finds each port that only one side excludes', async () => {
    const port = fc.integer({ min: 1, max: 14_999 });
    await fc.assert(
      fc.asyncProperty(port, fc.boolean(), async (number, byUs) => {
        const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': `15020,${number}` };
        const found = byUs
          ? await differences(usual, { annotations })
          : await differences(usual.replace('-o 15020', `-o 15020,${number}`));
        const ends = byUs
          ? ['left alone', 'redirected to 15001']
          : ['redirected to 15001', 'left alone'];
        assert.ok(
          found.some(
            ({ packets, ours, theirs }) =>
              packets.includes(`port ${number}`) && ours === ends[0] && theirs === ends[1],
          ),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('has nothing to compare without arguments, or without redirection', async () => {
    const { containers, ...bare } = podFacts();
    const only = containers.filter(({ name }) => name !== 'istio-validation');
    assert.equal(await compareWithInit({ ...bare, containers: only }), undefined);
    assert.equal(
      await compareWithInit(podFacts({ labels: { 'sidecar.istio.io/inject': 'false' } })),
      undefined,
    );
  });

  it('says which argument it cannot read', async () => {
    await assert.rejects(differences(usual.replace('15001', 'ssh')), {
      message: /^argument -p of container istio-init: cannot parse port "ssh"/,
    });
  });
});
