import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Rule, type Ruleset, ruleText } from '../../cni/rules/rule.ts';
import { ruleSentence } from '../rules/sentence.ts';

/** One rule, of one family or of both. */
export interface ListedRule {
  readonly table: string;
  readonly chain: string;
  readonly families: readonly Family[];
  readonly id: string;
  /** As `iptables-save` prints it behind `-A <chain>`. */
  readonly rule: string;
  /** Undefined for a rule of another version. */
  readonly sentence: string | undefined;
}

/** The rules of both families in their order, what both hold once. */
export function listRules({ ipv4, ipv6 }: Readonly<Record<Family, Ruleset>>): ListedRule[] {
  const names = [...ipv4.tables, ...ipv6.tables].flatMap(({ name: table, chains }) =>
    chains.map(({ name: chain }) => JSON.stringify([table, chain])),
  );
  return [...new Set(names)].flatMap((name) => {
    const [table = '', chain = ''] = JSON.parse(name) as string[];
    const both = merged(rulesOf(ipv4, table, chain), rulesOf(ipv6, table, chain));
    return both.map(({ rule, families }) => {
      const text = ruleText(rule);
      return {
        table,
        chain,
        families,
        id: rule.id,
        rule: text,
        sentence: ruleSentence(table, text),
      };
    });
  });
}

function rulesOf({ tables }: Ruleset, table: string, chain: string): readonly Rule[] {
  const chains = tables.find(({ name }) => name === table)?.chains ?? [];
  return chains.find(({ name }) => name === chain)?.rules ?? [];
}

interface Merged {
  readonly rule: Rule;
  readonly families: readonly Family[];
}

/** What both hold stands in the same order in both: what one alone holds goes in between. */
function merged(ipv4: readonly Rule[], ipv6: readonly Rule[]): Merged[] {
  const inIpv4 = new Set(ipv4.map(ruleText));
  const inIpv6 = new Set(ipv6.map(ruleText));
  const rest = [...ipv6];
  const list: Merged[] = [];
  const takeOwn = (): void => {
    while (rest[0] && !inIpv4.has(ruleText(rest[0]))) {
      list.push(...rest.splice(0, 1).map((rule) => ({ rule, families: ['ipv6'] as const })));
    }
  };
  for (const rule of ipv4) {
    if (!inIpv6.has(ruleText(rule))) {
      list.push({ rule, families: ['ipv4'] });
      continue;
    }
    takeOwn();
    list.push({ rule, families: ['ipv4', 'ipv6'] });
    rest.shift();
  }
  takeOwn();
  return list;
}
