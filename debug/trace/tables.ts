import { ruleText, type Ruleset } from '../../cni/rules/rule.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';

/** A ruleset as the kernel would list it. */
export function tablesOf({ tables }: Ruleset): SavedTables {
  return tables.map(({ name, chains }) => ({
    name,
    chains: chains.map((chain) => ({ name: chain.name, rules: chain.rules.map(ruleText) })),
  }));
}
