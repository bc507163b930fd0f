import assert from 'node:assert/strict';
import fc from 'fast-check';
import { edits } from '../../../debug/diff/sequence.ts';

const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 });
const same = (one: string, other: string): boolean => one === other;

function text(wanted: string, found: string): string {
  const signs = { both: ' ', wanted: '-', found: '+' };
  return edits(Array.from(wanted), Array.from(found), same)
    .map((edit) => `${signs[edit.in]}${edit.item}`)
    .join('');
}

describe('edits()', () => {
  for (const [wanted, found, told] of [
    ['', '', ''],
    ['abc', 'abc', ' a b c'],
    ['abc', 'ac', ' a-b c'],
    ['ac', 'abc', ' a+b c'],
    ['abc', 'bca', '-a b c+a'],
    ['ab', '', '-a-b'],
  ] as const) {
    it(`"${wanted}" against "${found}": "${told}"`, () => {
      assert.equal(text(wanted, found), told);
    });
  }

  it('holds both sequences, each in its order and with its positions', () => {
    fc.assert(
      fc.property(letters, letters, (wanted, found) => {
        const all = edits(wanted, found, same);
        const of = (side: string): string[] =>
          all.filter((edit) => edit.in === side || edit.in === 'both').map(({ item }) => item);
        assert.deepEqual(of('wanted'), wanted);
        assert.deepEqual(of('found'), found);
        for (const edit of all)
          assert.equal((edit.in === 'wanted' ? wanted : found)[edit.index], edit.item);
      }),
    );
  });

  it('gives up on what is too long, and still holds both', () => {
    const [wanted, found] = [2_500, 2_501].map((length) =>
      Array.from({ length }, (_, i) => `${length} ${i}`),
    );
    assert.equal(edits(wanted ?? [], found ?? [], same).length, 5_001);
  });
});
