import assert from 'node:assert/strict';
import { addSeconds } from './figures.ts';

const metrics = `
sluice_add_seconds_bucket{le="0.1",phase="apply"} 10
sluice_add_seconds_bucket{le="0.2",phase="apply"} 30
sluice_add_seconds_bucket{le="+Inf",phase="apply"} 32
sluice_add_seconds_bucket{le="0.1",phase="facts"} 32
sluice_add_seconds_bucket{le="0.2",phase="facts"} 32
sluice_add_seconds_bucket{le="+Inf",phase="facts"} 32
`;

describe('addSeconds()', () => {
  for (const [phase, quantile, seconds] of [
    ['apply', 0.5, 0.13],
    ['apply', 0.25, 0.08],
    ['apply', 0.99, 0.2],
    ['facts', 0.5, 0.05],
    ['none', 0.5, 0],
  ] as const) {
    it(`is ${seconds} for ${phase} and ${quantile}`, () => {
      assert.equal(addSeconds(metrics, phase, quantile).toFixed(3), seconds.toFixed(3));
    });
  }
});
