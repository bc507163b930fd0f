import { isOurChain, isOurRule } from './ours.ts';
import { ruleText, type Ruleset } from './rule.ts';
import { type SavedChain, type SavedTable, type SavedTables } from './saved.ts';
import { canonicalRule } from './spelling.ts';
import { isBuiltIn } from './table.ts';
import { takesTraffic, untracks } from './verdict.ts';

export interface Difference {
  readonly kind: 'missing' | 'different' | 'unexpected' | 'foreign-in-front';
  readonly table: string;
  readonly chain: string;
  /** From 1, as `iptables -L --line-numbers` counts; 0 is the chain itself. */
  readonly position: number;
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** The first difference between what the kernel is to hold and what it holds, in order. Foreign rules may be there. */
export function compare(expected: Ruleset, found: SavedTables): Difference | undefined {
  const names = new Set([...expected.tables, ...found].map(({ name }) => name));
  for (const name of names) {
    const table = found.find((each) => each.name === name) ?? { name, chains: [] };
    const difference = compareTable(expected, table);
    if (difference) return difference;
  }
  return undefined;
}

/** One sentence: `rule 2 of chain ISTIO_OUTPUT in table nat is missing: "-d 10.0.0.0/8 …"` */
export function renderDifference(difference: Difference): string {
  const { kind, table, chain, position, expected = '', found = '' } = difference;
  if (position === 0) return `chain ${chain} in table ${table} is not expected`;
  const rule = `rule ${position} of chain ${chain} in table ${table}`;
  switch (kind) {
    case 'missing':
      return `${rule} is missing: "${expected}"`;
    case 'different':
      return `${rule} is "${found}" instead of "${expected}"`;
    case 'unexpected':
      return `${rule} is not expected: "${found}"`;
    case 'foreign-in-front':
      return `${rule} is not ours and takes traffic away from the rules behind it: "${found}"`;
  }
}

function compareTable({ tables }: Ruleset, table: SavedTable): Difference | undefined {
  const wanted = tables.find(({ name }) => name === table.name)?.chains ?? [];
  const names = new Set([...wanted, ...table.chains].map(({ name }) => name));
  for (const name of names) {
    const expected = wanted.find((chain) => chain.name === name)?.rules.map(ruleText) ?? [];
    const chain = table.chains.find((each) => each.name === name) ?? { name, rules: [] };
    const difference = compareChain(expected, chain) ?? foreignInFront(table, chain);
    if (difference) return { table: table.name, chain: name, ...difference };
  }
  return undefined;
}

type Finding = Pick<Difference, 'kind' | 'position' | 'expected' | 'found'>;

function compareChain(expected: readonly string[], chain: SavedChain): Finding | undefined {
  if (isOurChain(chain.name) && expected.length + chain.rules.length === 0) {
    return { kind: 'unexpected', position: 0, expected: undefined, found: undefined };
  }
  const found = ourPositions(chain);
  const at = found.findIndex(({ text }, index) => !isSameRule(text, expected[index]));
  const index = at === -1 ? found.length : at;
  if (index === found.length && index === expected.length) return undefined;

  const kind =
    index === found.length || isSameRule(found[index]?.text, expected[index + 1])
      ? 'missing'
      : index >= expected.length || isSameRule(found[index + 1]?.text, expected[index])
        ? 'unexpected'
        : 'different';
  return {
    kind,
    position: found[index]?.position ?? (found.at(-1)?.position ?? 0) + 1,
    expected: kind === 'unexpected' ? undefined : expected[index],
    found: kind === 'missing' ? undefined : found[index]?.text,
  };
}

function isSameRule(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one === other || canonicalRule(one) === canonicalRule(other);
}

interface Listed {
  readonly text: string;
  readonly position: number;
}

function ourPositions({ name, rules }: SavedChain): Listed[] {
  return rules
    .map((text, index) => ({ text, position: index + 1 }))
    .filter(({ text }) => isOurChain(name) || isOurRule(text));
}

/** A foreign rule before our last one that leaves less than all traffic to ours, or one that stands before all of nat. */
function foreignInFront(table: SavedTable, { name, rules }: SavedChain): Finding | undefined {
  if (!isBuiltIn(name)) return undefined;
  const last = rules.findLastIndex(isOurRule);
  const at = rules.findIndex(
    (text, index) =>
      !isOurRule(text) && ((index < last && takesTraffic(text, table)) || untracks(text, table)),
  );
  if (at === -1) return undefined;
  return { kind: 'foreign-in-front', position: at + 1, expected: undefined, found: rules[at] };
}
