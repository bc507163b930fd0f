import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { ruleText, type Ruleset } from '../../../cni/rules/rule.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { listRules } from '../../../debug/explain/rulelist.ts';
import { redirections } from '../../support/redirections.ts';

describe('listRules()', () => {
  it('lists the rules of each family, in their order, those of both once', () => {
    fc.assert(
      fc.property(redirections, (plan) => {
        const rules = rulesets(plan, '0.1.0');
        const listed = listRules(rules);
        for (const family of ['ipv4', 'ipv6'] as const) {
          const own = listed.filter(({ families }) => families.includes(family));
          assert.deepEqual(byChain(own), byChain(rulesOf(rules[family])));
        }
        const singles = listed.filter(({ families }) => families.length === 1);
        const texts = (family: Family): string[] =>
          singles.filter(({ families }) => families[0] === family).map(placed);
        const inIpv6 = new Set(texts('ipv6'));
        assert.deepEqual(
          texts('ipv4').filter((text) => inIpv6.has(text)),
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  it('has a sentence for every rule that is ours', () => {
    fc.assert(
      fc.property(redirections, (plan) => {
        for (const { rule, sentence } of listRules(rulesets(plan, '0.1.0')))
          assert.ok(sentence, rule);
      }),
      { numRuns: 100 },
    );
  });
});

interface Placed {
  readonly table: string;
  readonly chain: string;
  readonly rule: string;
}

function rulesOf({ tables }: Ruleset): Placed[] {
  return tables.flatMap(({ name: table, chains }) =>
    chains.flatMap(({ name: chain, rules }) =>
      rules.map((rule) => ({ table, chain, rule: ruleText(rule) })),
    ),
  );
}

function byChain(rules: readonly Placed[]): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy(rules, ({ table, chain }) => `${table} ${chain}`);
  return Object.fromEntries(
    [...groups].map(([name, inside]) => [name, inside.map(({ rule }) => rule)]),
  );
}

function placed({ table, chain, rule }: Placed): string {
  return [table, chain, rule].join(' ');
}
