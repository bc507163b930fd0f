import assert from 'node:assert/strict';
import { type Census, createCensus } from '../../../agent/census/census.ts';
import { type PodState } from '../../../agent/census/finding.ts';
import { type Pod } from '../../../agent/pod.ts';
import { until } from '../until.ts';
import { runningPod } from './ground.ts';

describe('createCensus()', () => {
  let pods: Map<string, Pod>;
  let looked: string[];
  let told: (readonly PodState[])[];
  let befores: (PodState | undefined)[];

  const put = (uid: string, name = uid): void => {
    pods = new Map([...pods, [uid, runningPod({ uid, name })]]);
  };
  /** Nobody's netns is found, so each look has a finding. */
  const create = (periodMs = 60_000): Census =>
    createCensus({
      pods: () => [...pods.values()],
      createLocate: () => async (pod) => {
        looked.push(pod.metadata.uid);
        return undefined;
      },
      eyes: {
        look: () => Promise.reject(new Error('nothing to look at')),
        forget: () => undefined,
      },
      backend: () => 'iptables-nft',
      onState: (_, before) => befores.push(before),
      onStates: (states) => told.push(states),
      onReport: () => undefined,
      periodMs,
      settleMs: 5,
      pauseMs: 10,
    });

  beforeEach(() => {
    pods = new Map();
    looked = [];
    told = [];
    befores = [];
    put('u2', 'b');
    put('u1', 'a');
  });

  it('reports all pods by name, and remembers the last time', async () => {
    const census = create();
    assert.equal(census.last(), undefined);
    const report = await census.take();
    const seen = report.pods.map(({ name, expected, actual }) => [name, expected, actual]);
    assert.deepEqual(seen, [
      ['a', 'redirect', 'unknown'],
      ['b', 'redirect', 'unknown'],
    ]);
    assert.equal(census.last(), report);
    assert.equal(told.at(-1)?.length, 2);
  });

  it('tells what it found before, and forgets pods that are gone', async () => {
    const census = create();
    await census.take();
    pods.delete('u2');
    const { pods: left } = await census.take();
    assert.deepEqual(
      left.map(({ uid }) => uid),
      ['u1'],
    );
    assert.deepEqual(
      befores.map((state) => state?.pod.uid),
      [undefined, undefined, 'u1'],
    );
  });

  it('looks at pods that changed, once for many changes, and at no other', async () => {
    const census = create();
    census.follow(pods);
    await until(() => told.length === 1);
    looked = [];
    for (let i = 0; i < 5; i += 1) {
      put('u1', 'a');
      census.follow(pods);
    }
    await until(() => told.length === 2);
    census.follow(pods);
    assert.deepEqual(looked, ['u1']);
    assert.equal(told.at(-1)?.length, 2);
  });

  it('looks at one pod that is asked for, and at none that is gone', async () => {
    const census = create();
    assert.equal((await census.look('u1'))?.pod.name, 'a');
    assert.equal(await census.look('u3'), undefined);
    assert.deepEqual(looked, ['u1']);
  });

  it('takes one census after the other', async () => {
    const census = create();
    await Promise.all([census.take(), census.take()]);
    assert.deepEqual(looked, ['u2', 'u1', 'u2', 'u1']);
  });

  it('takes one at once and each period, until aborted', async () => {
    const stop = new AbortController();
    const kept = create(5).keep(stop.signal);
    await until(() => told.length >= 3);
    stop.abort();
    await kept;
    const { length } = told;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told.length, length);
  });
});
