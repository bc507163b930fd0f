import assert from 'node:assert/strict';
import fc from 'fast-check';
import { median, quantile } from '../../bench/statistics.ts';

const values = fc.array(fc.integer(), { minLength: 1 });

describe('quantile()', () => {
  const cases: [values: number[], share: number, expected: number][] = [
    [[3], 0.5, 3],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2],
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.9, 9],
    [[1, 2], 0, 1],
    [[1, 2], 1, 2],
  ];
  for (const [list, share, expected] of cases) {
    it(`of ${list.join(' ')} at ${share} is ${expected}`, () => {
      assert.equal(quantile(list, share), expected);
    });
  }

  it('is one of the values, and at least the median of them from the middle on', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 1, noNaN: true }), (list, share) => {
        assert.ok(list.includes(quantile(list, share)));
        assert.ok(quantile(list, share) >= median(list));
      }),
    );
  });

  it('rejects no values', () => {
    assert.throws(() => median([]), RangeError);
  });
});
