import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type Ruleset, type Table } from '../../../cni/rules/rule.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { isBuiltIn } from '../../../cni/rules/table.ts';
import { createContains } from '../../../debug/trace/contains.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { universe } from '../../../debug/trace/universe.ts';
import { createWalker } from '../../../debug/trace/walk.ts';
import { redirectionCases } from '../../support/redirection.ts';
import { redirections } from '../../support/redirections.ts';

const families = ['ipv4', 'ipv6'] as const;

describe('the generated chains', () => {
  for (const [name, plan] of Object.entries(redirectionCases)) {
    for (const family of families) {
      it(`hold no rule that no packet reaches: ${name}, ${family}`, () => {
        assert.deepEqual(deadRules(plan, family), []);
      });
    }
  }

  it('are each declared and jumped to, without a circle', () => {
    fc.assert(
      fc.property(redirections, fc.constantFrom(...families), (plan, family) => {
        for (const table of rulesets(plan, '0.1.0')[family].tables) assertConnected(table);
      }),
    );
  });

  it('never send the sidecar to its own outbound or DNS listener', () => {
    fc.assert(
      fc.property(redirections, fc.constantFrom(...families), (plan, family) => {
        const { proxyUid, proxyGid, outboundPort } = plan;
        const { walk, packets } = ground(rulesets(plan, '0.1.0')[family]);
        for (const packet of packets) {
          if (packet.owner?.uid !== proxyUid && packet.owner?.gid !== proxyGid) continue;
          const { verdict } = walk(packet);
          if (verdict === `REDIRECT ${outboundPort}` || verdict === 'REDIRECT 15053') {
            assert.deepEqual(packet, undefined, verdict);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

function ground(
  ruleset: Ruleset,
): ReturnType<typeof createWalker> & { packets: ReturnType<typeof universe> } {
  const tables = tablesOf(ruleset);
  const walker = createWalker(tables, createContains(ruleset.family));
  return { ...walker, packets: universe(ruleset.family, tables) };
}

function deadRules(plan: RedirectPlan, family: Family): string[] {
  const { walk, hits, rules, packets } = ground(rulesets(plan, '0.1.0')[family]);
  for (const packet of packets) walk(packet);
  return rules.filter((rule) => !hits.has(rule));
}

function assertConnected({ chains }: Table): void {
  const names = chains.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const jumps = (from: string): string[] =>
    chains
      .filter(({ name }) => name === from)
      .flatMap(({ rules }) => rules.map(({ target }) => target))
      .filter((target) => target.startsWith('ISTIO_'));
  const visited = new Set<string>();
  const visit = (name: string, from: readonly string[]): void => {
    assert.ok(names.includes(name), `jump to ${name}`);
    assert.ok(!from.includes(name), `circle at ${name}`);
    visited.add(name);
    for (const target of jumps(name)) visit(target, [...from, name]);
  };
  for (const name of names.filter(isBuiltIn)) visit(name, []);
  assert.deepEqual(
    names.filter((name) => !visited.has(name)),
    [],
  );
}
