import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { VERSION } from '../../cni/version.ts';
import { createContains } from '../trace/contains.ts';
import { type Packet } from '../trace/packet.ts';
import { tablesOf } from '../trace/tables.ts';
import { lastAddress, universe } from '../trace/universe.ts';
import { createWalker, type Fate } from '../trace/walk.ts';
import { sameFate } from './fate.ts';
import { istioTables } from './istio/tables.ts';

/** Packets that fare differently, and for the same reason. */
export interface Difference {
  readonly family: Family;
  readonly packets: readonly Packet[];
  /** All packets of the same direction that rules can tell apart, to see what these have in common. */
  readonly among: readonly Packet[];
  /** Of addresses that stand for a range of a plan. */
  readonly names: ReadonlyMap<string, string>;
  /** Of the first of them. */
  readonly ours: Fate;
  readonly theirs: Fate;
}

/** How packets fare under our rules for one plan and under Istio's for another, in one family. */
export function differences(
  ours: RedirectPlan,
  theirs: RedirectPlan,
  family: Family,
): Difference[] {
  const ourTables = tablesOf(rulesets(ours, VERSION)[family]);
  const theirTables = istioTables(theirs, family);
  const contains = createContains(family);
  const ourWalker = createWalker(ourTables, contains);
  const theirWalker = createWalker(theirTables, contains);
  const all = [...universe(family, ourTables, theirTables)];
  const groups = new Map<
    string,
    Omit<Difference, 'packets' | 'among' | 'names'> & { packets: Packet[] }
  >();
  for (const packet of all) {
    const fates = { ours: ourWalker.walk(packet), theirs: theirWalker.walk(packet) };
    if (sameFate(ours, fates.ours, fates.theirs)) continue;
    const cause = [packet.hook, packet.proto, fates.ours, fates.theirs].map(causeOf).join('\n');
    const group = groups.get(cause);
    if (group) group.packets.push(packet);
    else groups.set(cause, { family, packets: [packet], ...fates });
  }
  const names = rangeNames([ours, theirs], family);
  return [...groups.values()].map((group) => ({
    ...group,
    names,
    among: all.filter(({ hook }) => hook === group.packets[0]?.hook),
  }));
}

/** `universe` takes the last address of a range for all of it. */
function rangeNames(plans: readonly RedirectPlan[], family: Family): Map<string, string> {
  const loopback = { family: 'ipv6', text: '::1/128' } as const;
  const named = plans.flatMap(({ includeOutboundCidrs, excludeOutboundCidrs, loopbackCidr }) => [
    ...[includeOutboundCidrs, excludeOutboundCidrs]
      .flatMap((cidrs) => (cidrs === 'all' ? [] : cidrs))
      .map((cidr) => ({ cidr, name: cidr.text })),
    ...[loopbackCidr, loopback].map((cidr) => ({ cidr, name: 'loopback' })),
  ]);
  return new Map([
    ...named
      .filter(({ cidr }) => cidr.family === family)
      .map(({ cidr, name }) => [lastAddress(family, cidr.text), name] as const),
    // From there the sidecar hands connections on to the app.
    [family === 'ipv4' ? '127.0.0.6' : '::6', 'the sidecar'] as const,
  ]);
}

/** What decided: packets that the same rules decide about are told of together. */
function causeOf(part: string | Fate): string {
  if (typeof part === 'string') return part;
  const { verdict, by = '', mark, connmark, zone } = part;
  return JSON.stringify([verdict, by, mark, connmark, zone]);
}
