import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseGroups } from '../../../cni/redirect/owners.ts';
import { parsePortRanges } from '../../../cni/redirect/ports.ts';
import { compare } from '../../../cni/rules/compare.ts';
import { renderApply } from '../../../cni/rules/restore.ts';
import { ruleText, type Ruleset } from '../../../cni/rules/rule.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { parseListing } from '../../../cni/rules/saved.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { assertGolden } from '../../support/golden.ts';
import { redirection, redirectionCases } from '../../support/redirection.ts';
import { renderListing } from '../../support/restore.ts';
import { redirections } from '../../support/redirections.ts';

describe('rulesets()', () => {
  for (const [name, plan] of Object.entries(redirectionCases)) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      it(`${name}, ${family}`, () => {
        assertGolden(`rules-${name}.${family}`, renderApply(rulesets(plan, '0.1.0')[family]));
      });
    }
  }

  it('says once per family who made the rules', () => {
    fc.assert(
      fc.property(redirections, (plan) => {
        const { ipv4, ipv6, hash } = rulesets(plan, '0.1.0');
        for (const ruleset of [ipv4, ipv6]) {
          const signed = texts(ruleset).filter((text) => text.includes(`sluice/0.1.0 ${hash}"`));
          assert.equal(signed.length, 1);
        }
      }),
    );
  });

  it('gives equal plans equal hashes, whatever the version', () => {
    const { hash } = rulesets(redirection(), '0.1.0');
    assert.equal(rulesets(redirection(), '0.2.0').hash, hash);
    assert.match(hash, /^[0-9a-f]{16}$/);
  });

  it('gives plans that differ in one family different hashes', () => {
    const plan = redirection({ includeOutboundCidrs: [] });
    const { includeOutboundCidrs = [] } = redirectionCases['include-loopback'] ?? {};
    const other = redirection({ includeOutboundCidrs });
    assert.notEqual(rulesets(plan, '0.1.0').hash, rulesets(other, '0.1.0').hash);
  });

  it('wants a route exactly where inbound connections keep their addresses', () => {
    const routed = Object.entries(redirectionCases)
      .filter(([, plan]) => rulesets(plan, '0.1.0').ipv6.tproxyRoute)
      .map(([name]) => name);
    assert.deepEqual(routed, ['tproxy', 'tproxy-ports', 'everything']);
  });

  it('takes tens of thousands of ports, and reads them back', () => {
    const ports = Array.from({ length: 20_000 }, (_, index) => 2 * index + 1);
    const plan = redirection({ excludeOutboundPorts: parsePortRanges(ports.join(',')) });
    const { ipv4 } = rulesets(plan, '0.1.0');
    const listing = renderListing(tablesOf(ipv4));
    assert.equal(compare(ipv4, parseListing(listing, ['nat'])), undefined);
  });

  it('names no rule twice in a chain for one setting', () => {
    const groups = parseGroups('1337,2001');
    const plan = redirection({ ownerGroups: { redirect: 'except', groups } });
    const all = texts(rulesets(plan, '0.1.0').ipv4);
    assert.equal(all.filter((text) => text.includes('-m owner --gid-owner 1337 ')).length, 1);
  });

  it('holds no line feed in any rule', () => {
    fc.assert(
      fc.property(redirections, (plan) => {
        const { ipv4, ipv6 } = rulesets(plan, '0.1.0');
        for (const text of [...texts(ipv4), ...texts(ipv6)]) assert.doesNotMatch(text, /[\r\n]/);
      }),
    );
  });
});

function texts({ tables }: Ruleset): string[] {
  return tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules.map(ruleText)));
}
