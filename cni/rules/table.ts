import { type Chain, type Rule, type Table, type TableName } from './rule.ts';

const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

export function isBuiltIn(chain: string): boolean {
  return BUILT_IN.includes(chain);
}

/** A chain without the rules that no packet can reach: repetitions, and what stands behind a rule that takes all. */
export function chain(name: string, rules: readonly Rule[]): Chain {
  const seen = new Set<string>();
  const distinct = rules.filter(({ match, target }) => {
    const text = `${match} -j ${target}`;
    // Not by looking back through the list: an annotation can hold tens of thousands of ports.
    return !seen.has(text) && seen.add(text);
  });
  const end = distinct.findIndex(({ match, target }) => match === '' && target === 'RETURN');
  return { name, rules: end === -1 ? distinct : distinct.slice(0, end + 1) };
}

/** A table of those chains that hold rules and that a packet can reach from a built-in chain. */
export function table(name: TableName, chains: readonly Chain[]): Table {
  const reached = new Set<string>();
  const reach = (from: Chain): void => {
    if (reached.has(from.name) || from.rules.length === 0) return;
    reached.add(from.name);
    const targets = new Set(from.rules.map(({ target }) => target));
    chains.filter((to) => targets.has(to.name)).forEach(reach);
  };
  chains.filter((from) => isBuiltIn(from.name)).forEach(reach);
  return { name, chains: chains.filter((each) => reached.has(each.name)) };
}
