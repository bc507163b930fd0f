import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare } from '../../../cni/rules/compare.ts';
import { foreignRules, hasOurs } from '../../../cni/rules/ours.ts';
import { renderApply, renderRemove, renderReplace } from '../../../cni/rules/restore.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';
import { renderIstio } from '../../support/istiorestore.ts';
import { redirection } from '../../support/redirection.ts';
import { redirections } from '../../support/redirections.ts';
import { restore } from '../../support/restore.ts';

const wanted = redirections.map((plan) => rulesets(plan, '0.1.0').ipv4);

/** What an older version or an istio-init may have left, whole or in part, among the rules of others. */
const leftovers: fc.Arbitrary<SavedTables> = fc
  .tuple(redirections, fc.boolean(), fc.infiniteStream(fc.nat({ max: 5 })))
  .map(([plan, isIstio, dice]) => {
    const before = restore(foreign, '*raw\n*mangle\n*nat\n');
    const tables = isIstio
      ? restore(before, renderIstio(plan, 'ipv4'))
      : restore(before, renderApply(rulesets(plan, '0.0.9').ipv4));
    return tables.map(({ name, chains }) => ({
      name,
      chains: chains.map((chain) => ({
        name: chain.name,
        rules: chain.rules.filter(() => dice.next().value !== 0),
      })),
    }));
  });

const foreign: SavedTables = [
  {
    name: 'nat',
    chains: [
      { name: 'PREROUTING', rules: ['-j DOCKER'] },
      { name: 'INPUT', rules: [] },
      { name: 'OUTPUT', rules: ['! -d 127.0.0.0/8 -j DOCKER', '-j LOG'] },
      { name: 'DOCKER', rules: ['-i docker0 -j RETURN'] },
    ],
  },
  { name: 'filter', chains: [{ name: 'ISTIO_OLD', rules: [] }] },
];

describe('renderApply()', () => {
  it('puts the rules into a clean netns', () => {
    fc.assert(
      fc.property(wanted, (ruleset) => {
        assert.equal(compare(ruleset, restore([], renderApply(ruleset))), undefined);
      }),
    );
  });

  it('fails where something of ours is', () => {
    const { ipv4 } = rulesets(redirection(), '0.1.0');
    const before = restore([], renderApply(ipv4));
    assert.throws(() => restore(before, renderApply(ipv4)), /cannot restore "-N ISTIO_/);
  });

  it('leaves foreign rules behind ours', () => {
    const { ipv4 } = rulesets(redirection(), '0.1.0');
    const nat = {
      name: 'nat',
      chains: [
        { name: 'OUTPUT', rules: ['-j LOG'] },
        { name: 'PREROUTING', rules: [] },
      ],
    };
    const after = restore([nat], renderApply(ipv4));
    assert.deepEqual(foreignRules(after), [
      { table: 'nat', chain: 'OUTPUT', position: 2, text: '-j LOG' },
    ]);
  });
});

describe('renderReplace()', () => {
  it('turns whatever is there into the rules, and leaves foreign ones', () => {
    fc.assert(
      fc.property(wanted, leftovers, (ruleset, found) => {
        const after = restore(found, renderReplace(ruleset, found));
        assert.equal(compare(ruleset, after), undefined);
        assert.deepEqual(foreignTexts(after), foreignTexts(found));
      }),
    );
  });

  it('puts the rules where no table is yet', () => {
    const { ipv4 } = rulesets(redirection(), '0.1.0');
    assert.equal(compare(ipv4, restore([], renderReplace(ipv4, []))), undefined);
  });

  it('changes nothing where the rules are already', () => {
    fc.assert(
      fc.property(wanted, (ruleset) => {
        const before = restore([], renderApply(ruleset));
        const after = restore(before, renderReplace(ruleset, before));
        assert.equal(compare(ruleset, after), undefined);
      }),
    );
  });
});

describe('renderRemove()', () => {
  it('leaves nothing of ours, and all that is foreign', () => {
    fc.assert(
      fc.property(leftovers, (found) => {
        const after = restore(found, renderRemove(found));
        assert.equal(hasOurs(after), false);
        assert.deepEqual(foreignTexts(after), foreignTexts(found));
      }),
    );
  });

  it('undoes an apply', () => {
    fc.assert(
      fc.property(wanted, (ruleset) => {
        const before = restore([], '*raw\n*mangle\n*nat\n');
        const applied = restore(before, renderApply(ruleset));
        assert.deepEqual(restore(applied, renderRemove(applied)), before);
      }),
    );
  });

  it('is empty where nothing is ours', () => {
    assert.equal(
      renderRemove([{ name: 'nat', chains: [{ name: 'OUTPUT', rules: ['-j LOG'] }] }]),
      '',
    );
  });
});

function foreignTexts(tables: SavedTables): string[] {
  return foreignRules(tables).map(({ table, chain, text }) => `${table} ${chain} ${text}`);
}
