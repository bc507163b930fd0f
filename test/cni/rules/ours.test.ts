import assert from 'node:assert/strict';
import { foreignRules, hasOurs, isOurRule, ruleWords, targetOf } from '../../../cni/rules/ours.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';

function nat(rules: readonly string[]): SavedTables {
  return [{ name: 'nat', chains: [{ name: 'OUTPUT', rules }] }];
}

describe('isOurRule()', () => {
  const ours = [
    '-o eth1 -m comment --comment "sluice:exclude-interface" -j RETURN',
    '-o eth1 -m comment --comment sluice:exclude-interface -j RETURN',
    '-j ISTIO_OUTPUT',
    '-p tcp -g ISTIO_INBOUND',
  ];
  const foreign = [
    '',
    '-o eth1 -j RETURN',
    '-j DOCKER',
    '-m comment --comment "-j ISTIO_OUTPUT" -j ACCEPT',
    '-m comment --comment "not sluice:" -j ACCEPT',
    '-m comment --comment "\\"-j ISTIO_OUTPUT" -j ACCEPT',
  ];
  for (const rule of ours) {
    it(`takes "${rule}" for ours`, () => {
      assert.equal(isOurRule(rule), true);
    });
  }
  for (const rule of foreign) {
    it(`takes "${rule}" for somebody else's`, () => {
      assert.equal(isOurRule(rule), false);
    });
  }
});

describe('hasOurs()', () => {
  const cases: Readonly<Record<string, readonly [SavedTables, boolean]>> = {
    'no table': [[], false],
    'a foreign rule': [nat(['-j DOCKER']), false],
    'a rule of ours': [nat(['-j DOCKER', '-j ISTIO_OUTPUT']), true],
    'an empty chain of ours': [
      [{ name: 'filter', chains: [{ name: 'ISTIO_DROP', rules: [] }] }],
      true,
    ],
  };
  for (const [name, [tables, expected]] of Object.entries(cases)) {
    it(`${name}: ${expected}`, () => {
      assert.equal(hasOurs(tables), expected);
    });
  }
});

describe('foreignRules()', () => {
  it('names what is not ours, with its place', () => {
    const found: SavedTables = [
      ...nat(['-j DOCKER', '-j ISTIO_OUTPUT', '-j LOG']),
      { name: 'raw', chains: [{ name: 'ISTIO_OUTPUT_DNS', rules: ['-j ACCEPT'] }] },
    ];
    assert.deepEqual(foreignRules(found), [
      { table: 'nat', chain: 'OUTPUT', position: 1, text: '-j DOCKER' },
      { table: 'nat', chain: 'OUTPUT', position: 3, text: '-j LOG' },
    ]);
  });
});

describe('targetOf()', () => {
  for (const [rule, target] of [
    ['-p tcp -j REDIRECT --to-ports 1', 'REDIRECT'],
    ['-p tcp -g CHAIN', 'CHAIN'],
    ['-p tcp', undefined],
    ['-p tcp -j', undefined],
  ] as const) {
    it(`"${rule}": ${target}`, () => {
      assert.equal(targetOf(rule), target);
    });
  }
});

describe('ruleWords()', () => {
  it('takes a quoted comment for one word', () => {
    assert.deepEqual(ruleWords('-m comment --comment "a \\"b\\" \\\\c" -j X'), [
      '-m',
      'comment',
      '--comment',
      'a "b" \\c',
      '-j',
      'X',
    ]);
  });
});
