import assert from 'node:assert/strict';
import { createAttempts } from '../../../agent/repair/attempts.ts';

describe('createAttempts()', () => {
  let now: number;
  const attempts = (): ReturnType<typeof createAttempts> =>
    createAttempts({ firstMs: 100, mostMs: 300, clock: () => now });
  beforeEach(() => {
    now = 0;
  });

  it('lets a pod be tried at once, and then after longer and longer', () => {
    const { waitMs, note } = attempts();
    const waits = [waitMs('u1')];
    for (let i = 0; i < 4; i += 1) {
      note('u1');
      waits.push(waitMs('u1'));
    }
    assert.deepEqual(waits, [0, 100, 200, 300, 300]);
    now = 300;
    assert.equal(waitMs('u1'), 0);
  });

  it('knows each pod by its UID', () => {
    const { waitMs, note } = attempts();
    note('u1');
    assert.equal(waitMs('u2'), 0);
  });

  it('forgets pods that are gone', () => {
    const { waitMs, note, keep } = attempts();
    note('u1');
    note('u2');
    keep(new Set(['u1']));
    assert.deepEqual([waitMs('u1'), waitMs('u2')], [100, 0]);
  });

  it('begins anew with a pod that was right for long, not with one that just was', () => {
    const { waitMs, note, keep } = attempts();
    note('u1');
    now = 200;
    keep(new Set(['u1']));
    note('u1');
    assert.equal(waitMs('u1'), 200);
    now = 900;
    keep(new Set(['u1']));
    note('u1');
    assert.equal(waitMs('u1'), 100);
  });
});
