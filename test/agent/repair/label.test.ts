import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Change } from '../../../agent/api.ts';
import { cutPod, type Pod } from '../../../agent/pod.ts';
import { createUnlabel, LABEL } from '../../../agent/repair/label.ts';
import { v1Pod } from '../../support/pod.ts';
import { until } from '../until.ts';

describe('createUnlabel()', () => {
  const pods = ['u1', 'u2', 'u3'];
  const labelled = (uid: string): Pod =>
    cutPod(v1Pod({ uid, name: uid, labels: { [LABEL]: 'x' } }));
  const unlabelling = (pauseMs: number): { unlabel: (pod: Pod) => void; writes: Change[] } => {
    const writes: Change[] = [];
    const api = { write: async (change: Change) => writes.push(change) };
    const { signal } = new AbortController();
    return { unlabel: createUnlabel({ api, signal, pauseMs }), writes };
  };

  it('takes the label off each pod', async () => {
    const { unlabel, writes } = unlabelling(1);
    for (const uid of pods) unlabel(labelled(uid));
    await until(() => writes.length === pods.length);
    const bodies = pods.map((uid) => ({ metadata: { uid, labels: { [LABEL]: null } } }));
    assert.deepEqual(
      writes.map(({ body }) => body),
      bodies,
    );
  });

  it('asks once where many pods have it, again and again', async () => {
    const { unlabel, writes } = unlabelling(60_000);
    for (let i = 0; i < 100; i += 1) {
      for (const uid of pods) unlabel(labelled(uid));
      await sleep(0);
    }
    assert.equal(writes.length, 1);
  });

  it('asks nothing where no pod has it', async () => {
    const { unlabel, writes } = unlabelling(1);
    unlabel(cutPod(v1Pod({ uid: 'u1' })));
    await sleep(0);
    assert.deepEqual(writes, []);
  });
});
