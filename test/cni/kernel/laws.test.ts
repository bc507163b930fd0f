import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openSession, type Session } from '../../../cni/kernel/session.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { holdings, ours } from '../../support/holdings.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';

const numRuns = 6;
const TRAFFIC = 'traffic.sidecar.istio.io/';

const port = fc.integer({ min: 1, max: 65_535 }).map(String);
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 3 }).map((list) => list.join());
const annotations = fc
  .record(
    {
      'sidecar.istio.io/interceptionMode': fc.constantFrom('REDIRECT', 'TPROXY'),
      [`${TRAFFIC}includeInboundPorts`]: fc.oneof(ports, fc.constantFrom('*', '')),
      [`${TRAFFIC}excludeInboundPorts`]: ports,
      [`${TRAFFIC}excludeOutboundPorts`]: ports,
      [`${TRAFFIC}includeOutboundPorts`]: ports,
      [`${TRAFFIC}includeOutboundIPRanges`]: fc.constantFrom('*', '10.0.0.0/8,2001:db8::/32'),
      [`${TRAFFIC}excludeOutboundIPRanges`]: fc.constantFrom('', '192.0.2.0/24', 'fd00::/8'),
      [`${TRAFFIC}excludeInterfaces`]: fc.constantFrom('', 'net1,net2'),
      'istio.io/reroute-virtual-interfaces': fc.constantFrom('', 'vnet0'),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((record): Record<string, string> => record);
const plans = fc.record({ annotations, dns: fc.boolean() }, { noNullPrototype: true });

/** A rule of somebody else: where, and what. */
const foreignRules = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('nat OUTPUT', 'nat PREROUTING', 'mangle PREROUTING', 'raw OUTPUT'),
    port.map((number) => `-p tcp -m tcp --dport ${number} -m comment --comment "theirs ${number}"`),
  ),
  { maxLength: 4, selector: ([, rule]) => rule },
);

for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
  describe(`applying random plans beside random foreign rules, ${backend}`, function () {
    // Each run starts some forty programs.
    this.timeout(numRuns * 30_000);
    before(function () {
      if (!hasRoot()) this.skip();
    });
    const netns = scratchNetns();
    const using = async (work: (session: Session) => Promise<unknown>): Promise<void> => {
      const deadlineAt = performance.now() + 20_000;
      const session = await openSession(netns.path, { backend, toolsDir: undefined, deadlineAt });
      try {
        await work(session);
      } finally {
        session.close();
      }
    };

    it('twice is applying once, over another plan is applying alone, and undone is as before', async () => {
      const law = fc.asyncProperty(plans, plans, foreignRules, async (plan, other, foreign) => {
        await inNetns(netns, ['sh', '-ec', reset(backend, foreign)]);
        const before = await holdings(netns);
        assert.equal(before.length, foreign.length);

        await using(async (session) => session.apply(await rulesetsFor(plan)));
        const once = await holdings(netns);
        assert.notDeepEqual(ours(once), []);
        await using(async (session) => session.apply(await rulesetsFor(plan)));
        assert.deepEqual(await holdings(netns), once);

        await using(async (session) => session.apply(await rulesetsFor(other)));
        await using(async (session) => session.apply(await rulesetsFor(plan)));
        assert.deepEqual(await holdings(netns), once);

        await using((session) => session.undo());
        assert.deepEqual(await holdings(netns), before);
      });
      await fc.assert(law, { numRuns, endOnFailure: true });
    });
  });
}

function reset(
  backend: Backend,
  foreign: readonly (readonly [place: string, rule: string])[],
): string {
  const tables = ['nat', 'mangle', 'raw'].map((table) => `${backend} -t ${table} -F`);
  const rules = foreign.map(([place, rule]) => {
    const [table = '', chain = ''] = place.split(' ');
    return `${backend} -t ${table} -A ${chain} ${rule}`;
  });
  return [...tables, ...rules].join('\n');
}
