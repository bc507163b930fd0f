import assert from 'node:assert/strict';
import { ruleSentence } from '../../../debug/rules/sentence.ts';
import { ruleText } from '../../../cni/rules/rule.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { redirectionCases } from '../../support/redirection.ts';

const comment = (id: string): string => `-m comment --comment "sluice:${id}"`;

const cases: readonly [string, string, string | undefined][] = [
  [
    'nat',
    `-p tcp -m tcp --dport 8000:8010 ${comment('exclude-inbound-port')} -j RETURN`,
    'Inbound connections to port 8000:8010 are excluded',
  ],
  ['nat', `-p tcp ${comment('exclude-outbound-port')} -j RETURN`, 'All outbound TCP is excluded'],
  [
    'nat',
    `-d 10.0.0.0/8 -i vif ${comment('virtual-interface')} -j ISTIO_REDIRECT`,
    'What comes in by vif for 10.0.0.0/8 counts as outbound and is captured',
  ],
  [
    'nat',
    `${comment('output sluice/0.1.0 00ff')} -j ISTIO_OUTPUT`,
    'All outbound traffic is looked at by the rules of ISTIO_OUTPUT',
  ],
  ['nat', '-p tcp -m comment --comment "somebody else" -j ACCEPT', undefined],
  ['nat', `${comment('constructor')} -j ACCEPT`, undefined],
];

describe('ruleSentence()', () => {
  for (const [table, rule, sentence] of cases) {
    it(`${rule}: ${String(sentence)}`, () => {
      assert.equal(ruleSentence(table, rule), sentence);
    });
  }

  for (const [name, plan] of Object.entries(redirectionCases)) {
    it(`has one for each rule, without a hole: ${name}`, () => {
      const { ipv4, ipv6 } = rulesets(plan, '0.1.0');
      for (const { name: table, chains } of [...ipv4.tables, ...ipv6.tables]) {
        for (const text of chains.flatMap(({ rules }) => rules.map(ruleText))) {
          const sentence = ruleSentence(table, text) ?? '';
          assert.match(sentence, /^[A-Z].*[^.]$/, text);
          assert.doesNotMatch(
            sentence,
            /undefined|  |\( *\)|(?:port|uid|gid|zone|to|by|from) ?(?:$|[),])/,
            text,
          );
        }
      }
    });
  }
});
