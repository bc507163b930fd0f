import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSaved } from '../../../cni/rules/saved.ts';
import { createContains } from '../../../debug/trace/contains.ts';
import { type End, type Journey, travel } from '../../../debug/trace/journey.ts';
import { type Packet } from '../../../debug/trace/packet.ts';
import { parsePolicies } from '../../../debug/trace/policies.ts';
import { createWalker } from '../../../debug/trace/walk.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { hasRoot } from '../../support/scratch.ts';
import { counters, named, observe, type Program, restore } from './kernel/observe.ts';
import { packets, type Sent } from './kernel/packets.ts';
import { rules, type Rules } from './kernel/rules.ts';
import { createSite, type Site } from './kernel/site.ts';

const PACKETS = 60;
/** Of a failure it is in the name of the test: `SEED=123 mocha <file>` does the same again. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

for (const [backend, numRuns] of [
  ['iptables-nft', 25],
  ['iptables-legacy', 15],
] as const) {
  describe(`what trace predicts is what the kernel does, by ${backend}`, () => {
    const cleanup = createCleanup();
    let site: Site;

    before(async function () {
      if (!hasRoot()) this.skip();
      site = await createSite(`sluice-fates-${process.pid}`, cleanup);
    });
    after(() => cleanup.run());

    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`with ${numRuns * PACKETS} packets through ${numRuns} random rulesets (seed ${seed}), ${family}`, async () => {
        const sent = fc.array(packets(family), { minLength: PACKETS, maxLength: PACKETS });
        const cases = fc.sample(fc.tuple(rules(family), sent), { numRuns, seed });
        for (const [ruleset, batch] of cases) {
          await assertPredicted(site, { backend, family }, ruleset, batch);
        }
      });
    }
  });
}

async function assertPredicted(
  site: Site,
  program: Program,
  { text, hasZones }: Rules,
  batch: readonly Sent[],
): Promise<void> {
  const saved = await restore(site, program, text);
  const contains = createContains(program.family);
  const walker = createWalker(parseSaved(saved), contains, parsePolicies(saved));
  const journeys = batch
    .filter(({ proto }) => proto === 'udp' || !hasZones)
    .map(named)
    .map((packet) => ({ packet, journey: travel(walker, packet, { tproxyRoute: true }) }));
  const expected = new Map(
    journeys.flatMap(({ packet, journey }) => {
      const where = arrival(packet, journey.end);
      return where === undefined ? [] : [[packet.sport, where] as const];
    }),
  );
  const observed = await observe(
    site,
    journeys.map(({ packet }) => packet),
    expected,
  );
  for (const { packet, journey } of journeys) {
    const [was, is] = [expected.get(packet.sport), observed.get(packet.sport)];
    if (was !== is)
      assert.fail(
        `${saved}\n${JSON.stringify(packet)}\npredicted ${was}: ${JSON.stringify(journey.end)}\nobserved ${is}`,
      );
  }
  const [is, was] = [await counters(site, program), hits(journeys.map(({ journey }) => journey))];
  const differing = [...new Set([...is.keys(), ...was.keys()])]
    .filter((name) => is.get(name) !== was.get(name))
    .map((name) => `${name}: observed ${is.get(name) ?? 0}, predicted ${was.get(name) ?? 0}`);
  if (differing.length > 0) assert.fail(`${saved}\n${differing.join('\n')}`);
}

function arrival({ dport }: Packet, end: End): string | undefined {
  switch (end.kind) {
    case 'redirected':
    case 'delivered':
      return `pod ${end.port}`;
    case 'leaves':
      return `peer ${dport}`;
    case 'dropped':
      return undefined;
    case 'unknown':
      assert.fail(end.why);
  }
}

function hits(journeys: readonly Journey[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome, table, chain, position } of journeys.flatMap(({ legs }) =>
    legs.flatMap(({ steps }) => steps),
  )) {
    const name = `${table} ${chain} ${position}`;
    if (outcome === 'matched') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
