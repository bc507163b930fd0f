import assert from 'node:assert/strict';
import { createBackoff } from '../../install/backoff.ts';

/** When each of the first tries is allowed, if each is taken as soon as it is. */
function schedule(failure: string | undefined, count: number): number[] {
  let nowMs = 0;
  const backoff = createBackoff({ now: () => nowMs });
  return Array.from({ length: count }, () => {
    while (!backoff.isAllowed('file')) nowMs += 500;
    backoff.note('file', failure);
    return nowMs / 1_000;
  });
}

describe('createBackoff()', () => {
  it('lets an owner write his file a few times, then waits twice as long each time, up to a minute', () => {
    assert.deepEqual(schedule(undefined, 12), [0, 0, 0, 0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it('waits after the first failure already', () => {
    assert.deepEqual(schedule('full', 8), [0, 1, 3, 7, 15, 31, 63, 123]);
  });

  it('forgets what has been quiet for long, and holds no file back for another', () => {
    let nowMs = 0;
    const backoff = createBackoff({ now: () => nowMs, forgetMs: 1_000 });
    backoff.note('file', 'full');
    assert.deepEqual([backoff.isAllowed('file'), backoff.isAllowed('other')], [false, true]);
    assert.equal(backoff.tries('file')?.failure, 'full');
    nowMs = 2_001;
    assert.equal(backoff.tries('file'), undefined);
  });
});
