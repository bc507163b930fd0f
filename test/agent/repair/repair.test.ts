import assert from 'node:assert/strict';
import { pino } from 'pino';
import { type PodState } from '../../../agent/census/finding.ts';
import { createMetrics } from '../../../agent/metrics.ts';
import { cutPod, type Pod } from '../../../agent/pod.ts';
import { createAttempts } from '../../../agent/repair/attempts.ts';
import { type RepairEntry } from '../../../agent/repair/entry.ts';
import { type Mode } from '../../../agent/repair/mode.ts';
import { createRepair, type Repair, type RepairOptions } from '../../../agent/repair/repair.ts';
import { type Result, type Treatment } from '../../../agent/repair/treatment.ts';
import { unredirected } from '../../support/patient.ts';
import { v1Pod } from '../../support/pod.ts';
import { until } from '../until.ts';

const event = { type: 'Warning', reason: 'NotRedirected', message: 'm' } as const;

describe('createRepair()', () => {
  let stop: AbortController;
  let running: Promise<void>;
  let treated: string[];
  let told: string[];
  let lines: string[];
  let kept: RepairEntry[];

  beforeEach(() => {
    stop = new AbortController();
    running = Promise.resolve();
    [treated, told, lines, kept] = [[], [], [], []];
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });

  const podOf = (uid: string, labels = {}): Pod => cutPod(v1Pod({ name: uid, uid, labels }));
  const stateOf = (pod: Pod): PodState => unredirected(pod).state;
  const start = (changes: Partial<RepairOptions> = {}, result?: Result): Repair => {
    const treat =
      (mode: Mode): Treatment =>
      async ({ pod }) => {
        treated.push(`${mode} ${pod.metadata.uid}`);
        return result ?? { outcome: 'done', event };
      };
    const repair = createRepair({
      mode: 'repair',
      treatments: {
        repair: treat('repair'),
        delete: treat('delete'),
        label: treat('label'),
        observe: treat('observe'),
      },
      podOf,
      look: async (pod) => stateOf(pod),
      onRight: () => undefined,
      attempts: createAttempts({ firstMs: 5, mostMs: 10 }),
      tell: ({ pod }) => told.push(pod.uid),
      keep: (entry) => kept.push(entry),
      metrics: createMetrics(() => 0),
      log: pino({}, { write: (line) => lines.push(line) }),
      signal: stop.signal,
      confirmMs: { repair: 1, delete: 1, label: 1, observe: 1 },
      ...changes,
    });
    running = repair.run();
    return repair;
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

  for (const mode of ['repair', 'delete', 'label', 'observe'] as const) {
    it(`does what it is told: ${mode}`, async () => {
      start({ mode }).take([stateOf(podOf('u1'))]);
      await until(() => told.length === 1);
      assert.deepEqual([treated, lines.length], [[`${mode} u1`], 1]);
    });
  }

  it('keeps what was wrong, what was done and what came of it', async () => {
    start(
      {},
      { outcome: 'failed', event: undefined, error: new Error('no', { cause: 'why' }) },
    ).take([stateOf(podOf('u1'))]);
    await until(() => kept.length > 0);
    const { pod, mode, outcome, found, message } = kept[0] ?? {};
    const ref = { namespace: 'default', name: 'u1', uid: 'u1' };
    assert.deepEqual(
      [pod, mode, outcome, found, message],
      [ref, 'repair', 'failed', 'it holds no rules', 'no: why'],
    );
  });

  it('says how many pods it has still to do with', async () => {
    const { promise: end, resolve } = Promise.withResolvers<PodState | undefined>();
    const repair = start({ look: () => end });
    assert.equal(repair.waiting(), 0);
    const states = [stateOf(podOf('u1')), stateOf(podOf('u2'))];
    repair.take(states);
    repair.take(states);
    assert.equal(repair.waiting(), 2);
    resolve(undefined);
    await until(() => repair.waiting() === 0);
  });

  it('does what the pod says rather', async () => {
    const labelled = (uid: string): Pod => podOf(uid, { 'sluice.dev/repair': 'observe' });
    start({ podOf: labelled }).take([stateOf(labelled('u1'))]);
    await until(() => told.length === 1);
    assert.deepEqual(treated, ['observe u1']);
  });

  it('treats nobody who is right at the second look', async () => {
    const look = async (pod: Pod): Promise<PodState> => ({ ...stateOf(pod), findings: [] });
    start({ look }).take([stateOf(podOf('u1'))]);
    await settled();
    assert.deepEqual([treated, told], [[], []]);
  });

  for (const outcome of ['failed', 'refused'] as const) {
    it(`tries again by itself what ${outcome}`, async () => {
      start({}, { outcome, event }).take([stateOf(podOf('u1'))]);
      await until(() => treated.length >= 3);
    });
  }

  it('waits for the next census after what is done', async () => {
    start().take([stateOf(podOf('u1'))]);
    await until(() => told.length === 1);
    await settled();
    assert.equal(treated.length, 1);
  });

  it('only tells of an app that runs as the proxy', async () => {
    const pod = podOf('u1');
    const app = { kind: 'proxy-uid-app', container: 'app', uid: 1337, sentence: 's' } as const;
    const state = { ...stateOf(pod), findings: [app] };
    start({ look: async () => state }).take([state]);
    await until(() => told.length === 1);
    assert.deepEqual(treated, ['observe u1']);
  });

  it('is silent about a pod that goes while it is treated', async () => {
    let asked = 0;
    const gone = (uid: string): Pod | undefined => (++asked > 2 ? undefined : podOf(uid));
    start({ podOf: gone }, { outcome: 'failed', event }).take([stateOf(podOf('u1'))]);
    await until(() => treated.length === 1);
    await settled();
    assert.deepEqual([told, lines, kept], [[], [], []]);
  });

  it('treats no more than some at once, and in the end all', async () => {
    let now = 0;
    let most = 0;
    const look = async (pod: Pod): Promise<PodState> => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
      return stateOf(pod);
    };
    const pods = Array.from({ length: 20 }, (_, i) => stateOf(podOf(`u${i}`)));
    start({ look, atOnce: 3 }).take(pods);
    await until(() => told.length === 20);
    assert.equal(most, 3);
  });

  it('goes on after a pod that cannot be looked at', async () => {
    const look = async (pod: Pod): Promise<PodState> => {
      if (pod.metadata.uid === 'u1') throw new Error('blind');
      return stateOf(pod);
    };
    start({ look }).take(['u1', 'u2'].map((uid) => stateOf(podOf(uid))));
    await until(() => told.length === 1);
    assert.deepEqual(treated, ['repair u2']);
    assert.ok(lines.some((line) => line.includes('blind')));
  });
});
