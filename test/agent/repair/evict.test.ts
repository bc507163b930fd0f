import assert from 'node:assert/strict';
import { type Change } from '../../../agent/api.ts';
import { cutPod } from '../../../agent/pod.ts';
import { createEvict } from '../../../agent/repair/evict.ts';
import { unredirected } from '../../support/patient.ts';
import { v1Pod } from '../../support/pod.ts';

const { signal } = new AbortController();

describe('createEvict()', () => {
  const patient = unredirected(cutPod(v1Pod({ uid: 'u1' })));
  const owner = { kind: 'ReplicaSet', controller: true };
  const found = (changes: object = {}): unknown => ({
    metadata: { uid: 'u1', resourceVersion: '7', ownerReferences: [owner], ...changes },
  });
  const evicting = (
    answer: () => unknown,
    clock = (): number => 0,
  ): { evict: ReturnType<typeof createEvict>; writes: Change[] } => {
    const writes: Change[] = [];
    const api = {
      get: async () => answer(),
      write: async (change: Change) => writes.push(change),
    };
    return { evict: createEvict({ api, signal, pauseMs: 1_000, clock }), writes };
  };

  it('insists on the pod that it has read', async () => {
    const { evict, writes } = evicting(found);
    assert.equal((await evict(patient)).outcome, 'done');
    assert.deepEqual(writes, [
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/pods/web-0/eviction',
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { namespace: 'default', name: 'web-0' },
          deleteOptions: { preconditions: { uid: 'u1', resourceVersion: '7' } },
        },
      },
    ]);
  });

  it('evicts one pod at a time, and says nothing of those that wait', async () => {
    let now = 0;
    const { evict, writes } = evicting(found, () => now);
    await evict(patient);
    now = 999;
    assert.deepEqual(await evict(patient), { outcome: 'refused', event: undefined });
    now = 1_000;
    assert.equal((await evict(patient)).outcome, 'done');
    assert.equal(writes.length, 2);
  });

  const left: Readonly<Record<string, [object, string]>> = {
    'another pod of that name': [{ uid: 'u2' }, 'gone'],
    'one that is going': [{ deletionTimestamp: '2026-01-02T03:04:05Z' }, 'gone'],
    'one that nobody owns': [{ ownerReferences: undefined }, 'refused'],
    'one whose owner would not make it anew': [
      { ownerReferences: [{ ...owner, controller: false }] },
      'refused',
    ],
    'a static pod': [{ ownerReferences: [{ ...owner, kind: 'Node' }] }, 'refused'],
  };
  for (const [name, [changes, outcome]] of Object.entries(left)) {
    it(`leaves ${name} alone`, async () => {
      const { evict, writes } = evicting(() => found(changes));
      assert.equal((await evict(patient)).outcome, outcome);
      assert.deepEqual(writes, []);
    });
  }

  it('says what went wrong with an API server that is away', async () => {
    const { evict } = evicting(() => {
      throw new Error('away');
    });
    const { outcome, error } = await evict(patient);
    assert.deepEqual([outcome, (error as Error).message], ['failed', 'away']);
  });
});
