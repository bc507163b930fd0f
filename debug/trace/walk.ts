import { type SavedTables } from '../../cni/rules/saved.ts';
import { type Contains } from './contains.ts';
import { type Hook, type Marks, type Packet, type Passing } from './packet.ts';
import { mismatch, parseRule, type WalkedRule } from './rule.ts';
import { applyTarget, type Verdict } from './target.ts';

/** Where a packet ends up in one hook: what the last table that cared says, and the marks it then bears. */
export interface Fate extends Readonly<Marks> {
  readonly verdict: Verdict;
  /** The packet behind the hook, as redirection left it. */
  readonly packet: Packet;
  /** What decided, if it was a rule or a policy: `nat ISTIO_REDIRECT 1: -p tcp …` */
  readonly by: string | undefined;
}

/** A rule that the packet came by. */
export interface Step {
  readonly table: string;
  readonly chain: string;
  /** From 1, as `iptables -L --line-numbers` counts. */
  readonly position: number;
  readonly rule: string;
  readonly outcome: 'matched' | 'not matched' | 'could not tell';
  /** The condition that does not hold, or that we do not know. */
  readonly because: string | undefined;
}

export type Visit = (step: Step) => void;

/** Sends packets through tables; `hits` are the rules that matched one so far. */
export interface Walker {
  readonly walk: (packet: Packet, options?: WalkOptions) => Fate;
  readonly hits: ReadonlySet<string>;
  readonly rules: readonly string[];
}

export interface WalkOptions {
  readonly visit?: Visit;
  /** Of an earlier hook; else those of the packet. */
  readonly marks?: Readonly<Marks>;
}

/** What a built-in chain does with packets at its end, by table and chain: `filter OUTPUT` → `DROP`; else `ACCEPT`. */
export type Policies = ReadonlyMap<string, Verdict>;

interface PlacedRule extends WalkedRule {
  readonly name: string;
  readonly step: Omit<Step, 'outcome' | 'because'>;
}

/** The tables in the order in which a hook asks them. */
const ORDER: Readonly<Record<Hook, readonly string[]>> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
};

export function createWalker(
  tables: SavedTables,
  contains: Contains,
  policies: Policies = new Map(),
): Walker {
  const hits = new Set<string>();
  const compiled = compile(tables, contains);

  const traverse = (where: string, passing: Passing, visit?: Visit): Ending | undefined => {
    for (const rule of compiled.get(where) ?? []) {
      const failing = mismatch(rule, passing);
      if (failing) {
        visit?.({ ...rule.step, outcome: 'not matched', because: failing.text });
        continue;
      }
      if (rule.unknown !== undefined) {
        visit?.({ ...rule.step, outcome: 'could not tell', because: rule.unknown });
        return { verdict: 'unknown', by: rule.name };
      }
      hits.add(rule.name);
      visit?.({ ...rule.step, outcome: 'matched', because: undefined });
      if (rule.target?.name === 'RETURN') return undefined;
      const ending = follow(rule, passing, visit);
      if (ending !== undefined || rule.target?.isGoto === true) return ending;
    }
    return undefined;
  };

  const follow = (
    { name, target }: PlacedRule,
    passing: Passing,
    visit?: Visit,
  ): Ending | undefined => {
    if (!target) return undefined;
    const inner = `${passing.table} ${target.name}`;
    if (compiled.has(inner)) return traverse(inner, passing, visit);
    const verdict = applyTarget(target, passing);
    return verdict === undefined ? undefined : { verdict, by: name };
  };

  const walk = (packet: Packet, { visit, marks: earlier }: WalkOptions = {}): Fate => {
    const { mark, connmark } = packet;
    const marks: Marks = earlier
      ? { ...earlier }
      : { mark, connmark, zone: undefined, untracked: false };
    let end: Ending = { verdict: 'ACCEPT', by: undefined };
    let current = packet;
    for (const table of ORDER[packet.hook]) {
      const where = `${table} ${packet.hook}`;
      if (table === 'nat' && !isLookedUpInNat(packet, marks)) continue;
      const passing = { packet: current, table, marks };
      const policy = policies.get(where);
      const ended =
        traverse(where, passing, visit) ??
        (policy && { verdict: policy, by: `the policy of ${where}` });
      if (ended === undefined || ended.verdict === 'ACCEPT') continue;
      current = redirected(current, ended.verdict);
      // Whom TPROXY has given a packet keeps it, whatever becomes of its address.
      if (!end.verdict.startsWith('TPROXY') || endsAll(ended.verdict)) end = ended;
      if (endsAll(end.verdict)) break;
    }
    return { ...marks, ...end, packet: current };
  };
  const rules = [...compiled.values()].flat().map(({ name }) => name);
  return { walk, hits, rules };
}

type Ending = Pick<Fate, 'verdict' | 'by'>;

function compile(tables: SavedTables, contains: Contains): Map<string, PlacedRule[]> {
  return new Map(
    tables.flatMap(({ name: table, chains }) =>
      chains.map(({ name: chain, rules }) => {
        const where = `${table} ${chain}`;
        const placed = rules.map((rule, index) => ({
          ...parseRule(rule, contains),
          name: `${where} ${index + 1}: ${rule}`,
          step: { table, chain, position: index + 1, rule },
        }));
        return [where, placed] as const;
      }),
    ),
  );
}

/** Only a connection's first packet is, and once only: a packet that comes back in by `lo` has been. */
function isLookedUpInNat({ ctstate, looped }: Packet, { untracked }: Marks): boolean {
  return ctstate === 'NEW' && looped !== true && !untracked;
}

function endsAll(verdict: Verdict): boolean {
  return verdict === 'DROP' || verdict === 'REJECT' || verdict === 'unknown';
}

/** Where the tables behind see it go. From outside, it keeps the pod's address. */
function redirected(packet: Packet, verdict: Verdict): Packet {
  const [kind, port] = verdict.split(' ');
  if (kind !== 'REDIRECT') return packet;
  const local = packet.dst.includes(':') ? '::1' : '127.0.0.1';
  const dst = packet.hook === 'OUTPUT' ? local : packet.dst;
  return { ...packet, dst, dport: Number(port) };
}
