import { isOurChain, isOurRule } from '../../cni/rules/ours.ts';
import { ruleText, type Ruleset } from '../../cni/rules/rule.ts';
import { type SavedChain, type SavedTable, type SavedTables } from '../../cni/rules/saved.ts';
import { canonicalRule } from '../../cni/rules/spelling.ts';
import { isBuiltIn } from '../../cni/rules/table.ts';
import { takesTraffic, untracks } from '../../cni/rules/verdict.ts';
import { ownerOf } from './owner.ts';
import { edits } from './sequence.ts';

/** A rule that is not where it should be, or is somebody else's. */
export interface Line {
  readonly kind: 'missing' | 'unexpected' | 'foreign' | 'foreign in front';
  readonly table: string;
  readonly chain: string;
  /** From 1, as `iptables -L --line-numbers` counts; of a missing rule: among ours. 0: the chain itself. */
  readonly position: number;
  readonly rule: string;
  /** Who may have made a foreign rule. */
  readonly owner?: string;
}

/** All that differs between what one family is to hold and what it holds, in order. Undefined: nothing of ours. */
export function diffLines(wanted: Ruleset | undefined, found: SavedTables): Line[] {
  const tables = wanted?.tables ?? [];
  const names = new Set([...tables, ...found].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const table = found.find((each) => each.name === name) ?? { name, chains: [] };
    const chains = tables.find((each) => each.name === name)?.chains ?? [];
    const chainNames = new Set([...chains, ...table.chains].map((chain) => chain.name));
    return [...chainNames].flatMap((chainName) => {
      const rules = chains.find((chain) => chain.name === chainName)?.rules.map(ruleText) ?? [];
      const chain = table.chains.find((each) => each.name === chainName);
      return chainLines(rules, table, chain ?? { name: chainName, rules: [] });
    });
  });
}

interface Placed {
  readonly text: string;
  readonly position: number;
}

function chainLines(wanted: readonly string[], table: SavedTable, chain: SavedChain): Line[] {
  const where = { table: table.name, chain: chain.name };
  if (isOurChain(chain.name) && wanted.length + chain.rules.length === 0) {
    return [{ kind: 'unexpected', ...where, position: 0, rule: '' }];
  }
  const all = chain.rules.map((text, index): Placed => ({ text, position: index + 1 }));
  const ours = all.filter(({ text }) => isOurChain(chain.name) || isOurRule(text));
  const expected = wanted.map((text, index): Placed => ({ text, position: index + 1 }));
  const own = edits(expected, ours, isSame)
    .filter((edit) => edit.in !== 'both')
    .map(({ in: side, item }): Line => {
      const kind = side === 'wanted' ? 'missing' : 'unexpected';
      return { kind, ...where, position: item.position, rule: item.text };
    });
  const last = ours.at(-1)?.position ?? 0;
  const foreign = all
    .filter((placed) => !ours.includes(placed))
    .map(({ text, position }): Line => {
      const isInFront = isBuiltIn(chain.name) && takesFirst(text, table, position < last);
      const owner = ownerOf(chain.name, text);
      const kind = isInFront ? 'foreign in front' : 'foreign';
      return { kind, ...where, position, rule: text, ...(owner !== undefined && { owner }) };
    });
  return [...own, ...foreign].sort((one, other) => one.position - other.position);
}

function isSame(one: Placed, other: Placed): boolean {
  return one.text === other.text || canonicalRule(one.text) === canonicalRule(other.text);
}

function takesFirst(rule: string, table: SavedTable, isBefore: boolean): boolean {
  return untracks(rule, table) || (isBefore && takesTraffic(rule, table));
}
