import assert from 'node:assert/strict';
import { compare, type Difference, renderDifference } from '../../../cni/rules/compare.ts';
import { type Ruleset } from '../../../cni/rules/rule.ts';
import { rule } from '../../../cni/rules/rule.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';

const expected: Ruleset = {
  family: 'ipv4',
  tproxyRoute: false,
  tables: [
    {
      name: 'nat',
      chains: [
        { name: 'OUTPUT', rules: [rule('output')`-j ISTIO_OUTPUT`] },
        { name: 'ISTIO_OUTPUT', rules: [rule('a')`-p tcp -j RETURN`, rule('b')`-p udp -j RETURN`] },
      ],
    },
  ],
};
const output = '-m comment --comment "sluice:output" -j ISTIO_OUTPUT';
const a = '-p tcp -m comment --comment "sluice:a" -j RETURN';
const b = '-p udp -m comment --comment "sluice:b" -j RETURN';

function nat(rules: readonly string[], own: readonly string[] = [a, b]): SavedTables {
  const chains = [
    { name: 'OUTPUT', rules },
    { name: 'ISTIO_OUTPUT', rules: own },
  ];
  return [{ name: 'nat', chains }];
}

describe('compare()', () => {
  const equal: Readonly<Record<string, SavedTables>> = {
    'the same rules': nat([output]),
    'foreign rules behind ours': nat([output, '-j RETURN']),
    'a foreign rule in front that only looks': nat(['-j LOG', output]),
    'a foreign table': [...nat([output]), { name: 'filter', chains: [] }],
    'a foreign chain': nat([output]).map((table) => ({
      ...table,
      chains: [...table.chains, { name: 'DOCKER', rules: ['-j RETURN'] }],
    })),
  };
  for (const [name, found] of Object.entries(equal)) {
    it(`finds no difference in ${name}`, () => {
      assert.equal(compare(expected, found), undefined);
    });
  }

  const own = { table: 'nat', chain: 'ISTIO_OUTPUT' } as const;
  const built = { table: 'nat', chain: 'OUTPUT' } as const;
  const raw = { table: 'raw', chain: 'OUTPUT' } as const;
  const untrack = '-p tcp -j CT --notrack';
  const none = { expected: undefined, found: undefined } as const;
  const cases: readonly [string, SavedTables, Difference][] = [
    ['no table', [], { kind: 'missing', ...built, ...none, position: 1, expected: output }],
    ['no jump', nat([]), { kind: 'missing', ...built, ...none, position: 1, expected: output }],
    [
      'no jump behind a foreign rule',
      nat(['-j RETURN']),
      { kind: 'missing', ...built, ...none, position: 1, expected: output },
    ],
    [
      'two jumps',
      nat([output, output]),
      { kind: 'unexpected', ...built, ...none, position: 2, found: output },
    ],
    [
      'a foreign rule in front',
      nat(['-p tcp -j ACCEPT', output]),
      { kind: 'foreign-in-front', ...built, ...none, position: 1, found: '-p tcp -j ACCEPT' },
    ],
    [
      'a foreign rule behind which no rule of nat is met',
      [...nat([output]), { name: 'raw', chains: [{ name: 'OUTPUT', rules: ['-j LOG', untrack] }] }],
      { kind: 'foreign-in-front', ...raw, ...none, position: 2, found: untrack },
    ],
    [
      'an empty chain',
      nat([output], []),
      { kind: 'missing', ...own, ...none, position: 1, expected: a },
    ],
    [
      'the first rule gone',
      nat([output], [b]),
      { kind: 'missing', ...own, ...none, position: 1, expected: a },
    ],
    [
      'the last rule gone',
      nat([output], [a]),
      { kind: 'missing', ...own, ...none, position: 2, expected: b },
    ],
    [
      'a rule in between',
      nat([output], [a, '-j RETURN', b]),
      { kind: 'unexpected', ...own, ...none, position: 2, found: '-j RETURN' },
    ],
    [
      'a rule at the end',
      nat([output], [a, b, '-j RETURN']),
      { kind: 'unexpected', ...own, ...none, position: 3, found: '-j RETURN' },
    ],
    [
      'another rule instead',
      nat([output], [a, '-j RETURN']),
      { kind: 'different', ...own, position: 2, expected: b, found: '-j RETURN' },
    ],
    [
      'another order',
      nat([output], [b, a]),
      { kind: 'missing', ...own, ...none, position: 1, expected: a },
    ],
    [
      'a chain that should be gone',
      [...nat([output]), { name: 'raw', chains: [{ name: 'ISTIO_OUTPUT_DNS', rules: [] }] }],
      { kind: 'unexpected', table: 'raw', chain: 'ISTIO_OUTPUT_DNS', ...none, position: 0 },
    ],
  ];
  for (const [name, found, difference] of cases) {
    it(`finds the difference: ${name}`, () => {
      assert.deepEqual(compare(expected, found), difference);
    });
  }
});

describe('renderDifference()', () => {
  const place = { table: 'nat', chain: 'OUTPUT', position: 2, expected: 'E', found: 'F' };
  const cases: Readonly<Record<Difference['kind'], string>> = {
    missing: 'rule 2 of chain OUTPUT in table nat is missing: "E"',
    different: 'rule 2 of chain OUTPUT in table nat is "F" instead of "E"',
    unexpected: 'rule 2 of chain OUTPUT in table nat is not expected: "F"',
    'foreign-in-front':
      'rule 2 of chain OUTPUT in table nat is not ours and takes traffic away from the rules behind it: "F"',
  };
  for (const kind of ['missing', 'different', 'unexpected', 'foreign-in-front'] as const) {
    it(kind, () => {
      assert.equal(renderDifference({ kind, ...place }), cases[kind]);
    });
  }

  it('a chain', () => {
    assert.equal(
      renderDifference({ kind: 'unexpected', ...place, position: 0 }),
      'chain OUTPUT in table nat is not expected',
    );
  });
});
