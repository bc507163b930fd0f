import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createBackoff } from '../../agent/backoff.ts';

describe('createBackoff()', () => {
  it('doubles up to the limit, and begins again after a reset', () => {
    const backoff = createBackoff({ firstMs: 100, mostMs: 400, random: () => 1 });
    const four = (): number[] => Array.from({ length: 4 }, () => backoff.nextMs());
    assert.deepEqual(four(), [100, 200, 400, 400]);
    backoff.reset();
    assert.deepEqual(four(), [100, 200, 400, 400]);
  });

  it('waits between half and all of it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (chance) => {
        const waitMs = createBackoff({ firstMs: 100, random: () => chance }).nextMs();
        assert.ok(waitMs >= 50 && waitMs <= 100, String(waitMs));
      }),
    );
  });
});
