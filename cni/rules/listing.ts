import { ruleText, type Ruleset, type TableName } from './rule.ts';
import { isBuiltIn } from './table.ts';

/** The tables that are listed behind the rules, in this order. */
export const LISTED_TABLES = ['raw', 'mangle', 'nat'] as const satisfies TableName[];

/** In the kernel's order. */
const BUILT_IN: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/**
 * What `-S` prints for these tables where they hold the rules and nothing else: what it prints in nearly every pod, and
 * comparing texts is all there is to do then. Any other text takes the long way through `parseListing` and `compare`.
 */
export function renderListing({ tables }: Ruleset): string {
  const lines = LISTED_TABLES.flatMap((name) => {
    const chains = tables.find((table) => table.name === name)?.chains ?? [];
    const own = chains.map((chain) => chain.name).filter((chain) => !isBuiltIn(chain));
    const names = [...BUILT_IN[name], ...own.sort()];
    return [
      ...BUILT_IN[name].map((chain) => `-P ${chain} ACCEPT\n`),
      ...own.map((chain) => `-N ${chain}\n`),
      ...names.flatMap((chain) => {
        const rules = chains.find((each) => each.name === chain)?.rules ?? [];
        return rules.map((rule) => `-A ${chain} ${ruleText(rule)}\n`);
      }),
    ];
  });
  return lines.join('');
}
