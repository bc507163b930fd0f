import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { isTunnelOfTproxy, sameFate } from '../../../debug/simulate/fate.ts';
import { createContains } from '../../../debug/trace/contains.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { universe } from '../../../debug/trace/universe.ts';
import { createWalker } from '../../../debug/trace/walk.ts';
import { istioTables } from '../../../debug/simulate/istio/tables.ts';
import { redirectionCases } from '../../support/redirection.ts';
import { redirections } from '../../support/redirections.ts';

describe('the fate of each packet is what it is under the rules of Istio', () => {
  for (const [name, plan] of Object.entries(redirectionCases)) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`${name}, ${family}`, () => {
        assertSameFate(plan, family);
      });
    }
  }

  it('any plan', function () {
    this.timeout(60_000);
    fc.assert(fc.property(redirections, fc.constantFrom('ipv4', 'ipv6'), assertSameFate), {
      numRuns: 50,
    });
  });
});

function assertSameFate(plan: RedirectPlan, family: Family): void {
  const ours = tablesOf(rulesets(plan, '0.1.0')[family]);
  const theirs = istioTables(plan, family);
  const contains = createContains(family);
  const ourWalker = createWalker(ours, contains);
  const theirWalker = createWalker(theirs, contains);
  for (const packet of universe(family, ours, theirs)) {
    if (isTunnelOfTproxy(plan, packet)) continue;
    const ourFate = ourWalker.walk(packet);
    const theirFate = theirWalker.walk(packet);
    if (!sameFate(plan, ourFate, theirFate))
      assert.deepEqual({ packet, fate: ourFate }, { packet, fate: theirFate });
  }
}
