import { type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { rawTable } from './dns.ts';
import { contentHash } from './hash.ts';
import { interceptsTransparently, mangleTable } from './mangle.ts';
import { natTable } from './nat.ts';
import { type Chain, type Ruleset } from './rule.ts';

export interface Rulesets {
  readonly ipv4: Ruleset;
  readonly ipv6: Ruleset;
  /** Of the rules of both families. */
  readonly hash: string;
}

/** The plan in Netfilter's words. Who made it stands in the comment of the jump from OUTPUT: version and hash. */
export function rulesets(plan: RedirectPlan, version: string): Rulesets {
  const unsigned = [ruleset(plan, 'ipv4'), ruleset(plan, 'ipv6')] as const;
  const hash = contentHash(JSON.stringify(unsigned));
  const [ipv4, ipv6] = unsigned;
  const signature = `sluice/${version} ${hash}`;
  return { ipv4: sign(ipv4, signature), ipv6: sign(ipv6, signature), hash };
}

function ruleset(plan: RedirectPlan, family: Family): Ruleset {
  const tables = [rawTable(plan), mangleTable(plan, family), natTable(plan, family)];
  return {
    family,
    tables: tables.filter(({ chains }) => chains.length > 0),
    tproxyRoute: interceptsTransparently(plan),
  };
}

function sign(unsigned: Ruleset, signature: string): Ruleset {
  const signed = ({ name, rules }: Chain): Chain => ({
    name,
    rules: rules.map((rule) =>
      rule.id === 'output' ? { ...rule, id: `output ${signature}` } : rule,
    ),
  });
  return {
    ...unsigned,
    tables: unsigned.tables.map((table) => ({ ...table, chains: table.chains.map(signed) })),
  };
}
