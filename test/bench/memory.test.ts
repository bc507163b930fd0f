import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isSmall, renderMemory } from '../../bench/memory/report.ts';
import { parseMemory } from '../../bench/memory/status.ts';

describe('parseMemory()', () => {
  it('reads what is resident, of it what is not shared, and the most there was', () => {
    const status =
      'Name:\tsluice-cni\nVmHWM:\t  104448 kB\nVmRSS:\t   92160 kB\nRssAnon:\t   20480 kB\n';
    assert.deepEqual(parseMemory(status), { rssMb: 90, ownMb: 20, peakMb: 102 });
  });

  it('reads what the kernel says of a process', () => {
    const { rssMb, ownMb, peakMb } = parseMemory(readFileSync('/proc/self/status', 'utf8'));
    assert.ok(ownMb > 1 && rssMb > ownMb && peakMb >= rssMb);
  });

  it('rejects a process that has ended', () => {
    assert.throws(() => parseMemory('Name:\tsluice-cni\nState:\tZ (zombie)\n'), RangeError);
  });
});

describe('renderMemory()', () => {
  for (const [rssMb, said] of [
    [90, 'reached'],
    [90.1, 'MISSED'],
  ] as const) {
    it(`says ${said} for ${rssMb} MB`, () => {
      const memory = { rssMb, ownMb: 20, peakMb: 120 };
      assert.equal(isSmall(memory), said === 'reached');
      assert.match(renderMemory(memory), new RegExp(`\\| 90 +\\| 20 +\\| 120 +\\| ${said} +\\|`));
    });
  }
});
