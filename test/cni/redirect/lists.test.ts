import assert from 'node:assert/strict';

import { messageOf, parseList } from '../../../cni/redirect/lists.ts';

function parseDigit(text: string): number {
  if (/^\d$/.test(text)) return Number(text);
  throw new RangeError(`no digit: ${text}`);
}

describe('parseList()', () => {
  const cases: Record<string, number[]> = { '': [], ' \t': [], '1': [1], ' 2 ,1,2': [2, 1, 2] };
  for (const [text, values] of Object.entries(cases)) {
    it(`reads "${text}"`, () => {
      assert.deepEqual(parseList(text, parseDigit), values);
    });
  }

  for (const text of ['1,,2', '1,', ',1', ',', '1, ,2']) {
    it(`refuses the empty item of "${text}"`, () => {
      assert.throws(() => parseList(text, parseDigit), {
        name: 'RangeError',
        message: 'cannot parse an empty list item: expected a value between the commas',
      });
    });
  }

  it('names what is wrong, each text once', () => {
    assert.throws(() => parseList('a,1,b,a', parseDigit), { message: 'no digit: a, no digit: b' });
  });

  it('counts what it does not name', () => {
    assert.throws(() => parseList('a,b,c,d,e', parseDigit), {
      message: 'no digit: a, no digit: b, no digit: c, and 2 more',
    });
  });
});

describe('messageOf()', () => {
  it('takes whatever is thrown', () => {
    assert.deepEqual([messageOf(new Error('e')), messageOf('text')], ['e', 'text']);
  });
});
