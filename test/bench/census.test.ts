import assert from 'node:assert/strict';
import { isReached, renderCensus } from '../../bench/census/report.ts';

const cost = { what: 'the first', cpuSeconds: 1, seconds: 2, found: 50, wanted: 50 };

describe('isReached()', () => {
  const missed = {
    'too much of a core': { cpuSeconds: 1.01 },
    'too few pods found': { found: 49 },
  };

  it('accepts a second of one core, however long it took', () => {
    assert.equal(isReached(cost), true);
  });

  for (const [what, change] of Object.entries(missed)) {
    it(`refuses ${what}, and says so`, () => {
      assert.equal(isReached({ ...cost, ...change }), false);
      assert.match(renderCensus([cost, { ...cost, ...change }]), /reached.*\n.*MISSED/);
    });
  }
});
