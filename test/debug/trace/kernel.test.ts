import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSaved } from '../../../cni/rules/saved.ts';
import { createContains } from '../../../debug/trace/contains.ts';
import { type End, type Journey, travel } from '../../../debug/trace/journey.ts';
import { type Packet } from '../../../debug/trace/packet.ts';
import { parsePolicies } from '../../../debug/trace/policies.ts';
import { createWalker } from '../../../debug/trace/walk.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { scratchName } from '../../support/ground.ts';
import { hasRoot } from '../../support/scratch.ts';
import { counters, named, observe, open, type Program, restore } from './kernel/observe.ts';
import { packets } from './kernel/packets.ts';
import { noRules, rules } from './kernel/rules.ts';
import { createSite, type Site } from './kernel/site.ts';

const PACKETS = 60;
/** Beside them, as many packets of connections that are known. */
const EXCHANGES = 20;
/** A TCP packet that nobody has answered by then is sent again, and counted again. */
const SENT_AGAIN_MS = 900;
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
      site = await createSite(scratchName(), cleanup);
    });
    after(() => cleanup.run());

    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`through ${numRuns} random rulesets with 30 to 80 packets each (seed ${seed}), ${family}`, async () => {
        const sent = fc.array(packets(family), { minLength: PACKETS, maxLength: PACKETS });
        const cases = fc.sample(fc.tuple(rules(family), sent), { numRuns, seed });
        const program = { backend, family };
        let total = 0;
        let counted = 0;
        let exchanges = await begin(site, program);
        for (const [{ text, isTrackedOddly }, batch] of cases) {
          // Later packets of a TCP connection would be tracked otherwise than its first, and exchanges in no other zone.
          const fresh = batch.filter(({ proto }) => proto === 'udp' || !isTrackedOddly).map(named);
          const known = isTrackedOddly ? [] : exchanges;
          const { journeys, isCounted } = await assertPredicted(site, program, {
            text,
            sent: [...fresh, ...known],
          });
          total += journeys.length;
          if (isCounted) counted += 1;
          if (known.length > 0) exchanges = journeys.slice(-known.length).map(marked);
        }
        assert.ok(total >= 30 * numRuns, `only ${total} packets were sent`);
        assert.ok(
          counted > numRuns / 2,
          `the rules of only ${counted} rulesets were counted in time`,
        );
      });
    }
  });
}

/** Exchanges of every kind that have been answered, so that what follows belongs to them. */
async function begin(site: Site, program: Program): Promise<Packet[]> {
  await restore(site, program, noRules(program.family));
  const some = fc.sample(packets(program.family), { numRuns: EXCHANGES, seed });
  const begun = some.map((packet) => named({ ...packet, proto: 'udp', mark: 0 }));
  await open(site, begun);
  return begun.map((packet) => ({ ...packet, ctstate: 'ESTABLISHED' }));
}

interface Travelled {
  readonly packet: Packet;
  readonly journey: Journey;
}

/** The next packet of the same exchange: its connection bears the mark that it was left with. */
function marked({ packet, journey }: Travelled): Packet {
  return { ...packet, connmark: journey.legs.at(-1)?.fate.connmark ?? 0 };
}

async function assertPredicted(
  site: Site,
  program: Program,
  { text, sent }: { readonly text: string; readonly sent: readonly Packet[] },
): Promise<{ readonly journeys: Travelled[]; readonly isCounted: boolean }> {
  const saved = await restore(site, program, text);
  const contains = createContains(program.family);
  const walker = createWalker(parseSaved(saved), contains, parsePolicies(saved));
  const journeys = sent.map((packet) => ({
    packet,
    journey: travel(walker, packet, { tproxyRoute: true }),
  }));
  const expected = new Map(
    journeys.flatMap(({ packet, journey }) => {
      const where = arrival(packet, journey.end);
      return where === undefined || isSplit(packet, journey)
        ? []
        : [[packet.sport, where] as const];
    }),
  );
  const sentAt = performance.now();
  const observed = await observe(site, sent, expected);
  const isCounted = performance.now() - sentAt < SENT_AGAIN_MS;
  for (const { packet, journey } of journeys) {
    const [was, is] = [expected.get(packet.sport), observed.get(packet.sport)];
    if (was !== is && !isSplit(packet, journey))
      assert.fail(
        `${saved}\n${JSON.stringify(packet)}\npredicted ${was}: ${JSON.stringify(journey.end)}\nobserved ${is}`,
      );
  }
  if (!isCounted) return { journeys, isCounted };
  const [is, was] = [await counters(site, program), hits(journeys.map(({ journey }) => journey))];
  const differing = [...new Set([...is.keys(), ...was.keys()])]
    .filter((name) => is.get(name) !== was.get(name))
    .map((name) => `${name}: observed ${is.get(name) ?? 0}, predicted ${was.get(name) ?? 0}`);
  if (differing.length > 0) assert.fail(`${saved}\n${differing.join('\n')}`);
  return { journeys, isCounted };
}

/** The mark of its first packet takes that one elsewhere than the rest, so that no connection comes about. */
function isSplit({ proto, device }: Packet, { legs }: Journey): boolean {
  const [sent, posted] = legs;
  const isRerouted = posted?.hook === 'POSTROUTING' && posted.device !== device;
  return proto === 'tcp' && isRerouted && sent?.fate.verdict === 'ACCEPT';
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
