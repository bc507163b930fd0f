import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { type PodState } from '../census/finding.ts';
import { type Metrics } from '../metrics.ts';
import { type Pod } from '../pod.ts';
import { told } from '../podevents/event.ts';
import { type Recorder } from '../podevents/recorder.ts';
import { type Attempts } from './attempts.ts';
import { curable, incurable, sentenceOf } from './curable.ts';
import { type Done, repairEntry, type RepairEntry } from './entry.ts';
import { type Mode, modeOf } from './mode.ts';
import { type Treatment } from './treatment.ts';

export interface RepairOptions {
  readonly mode: Mode;
  readonly treatments: Readonly<Record<Mode, Treatment>>;
  /** Undefined: there is no such pod on this node any more. */
  readonly podOf: (uid: string) => Pod | undefined;
  readonly look: (pod: Pod) => Promise<PodState | undefined>;
  /** Called for pods that a census finds right. */
  readonly onRight: (pod: Pod) => unknown;
  readonly attempts: Attempts;
  readonly tell: Recorder['tell'];
  /** Takes each treatment of a pod that is still there. */
  readonly keep: (repair: RepairEntry) => void;
  readonly metrics: Pick<Metrics, 'repairs'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Between the two looks that must find the same: an ADD may be under way. */
  readonly confirmMs?: Readonly<Record<Mode, number>>;
  readonly atOnce?: number;
}

export interface Repair {
  /** Takes what a census found; pods that are right are passed over. */
  readonly take: (states: readonly PodState[]) => void;
  /** How many pods it has still to do with. */
  readonly waiting: () => number;
  /** Treats whom it takes, until aborted. */
  readonly run: () => Promise<void>;
}

/** What cannot be taken back is thought over for longer than any ADD lasts. */
const CONFIRM_MS = { repair: 500, delete: 15_000, label: 2_000, observe: 2_000 };

/**
 * Brings this node's pods to what they should be: look, compare, act, look again.
 *
 * Nothing is remembered about a pod but its back-off, keyed by UID: whether it is right is always read from its netns,
 * never from having repaired it once.
 */
export function createRepair(options: RepairOptions): Repair {
  const { attempts, podOf, onRight, signal, atOnce = 4 } = options;
  const waiting = new Set<string>();
  const treated = new Set<string>();
  let wakeUp = new AbortController();

  const start = (uid: string): void => {
    waiting.delete(uid);
    treated.add(uid);
    void treat(uid, options).then((isToBeTriedAgain) => {
      treated.delete(uid);
      if (isToBeTriedAgain) waiting.add(uid);
      wakeUp.abort();
    });
  };
  return {
    take: (states) => {
      for (const state of states) {
        const pod = podOf(state.pod.uid);
        if (curable(state).length + incurable(state).length > 0) waiting.add(state.pod.uid);
        else if (pod && state.actual === 'redirected') onRight(pod);
      }
      attempts.keep(new Set([...waiting, ...treated, ...states.map(({ pod }) => pod.uid)]));
      wakeUp.abort();
    },
    waiting: () => new Set([...waiting, ...treated]).size,
    run: async () => {
      while (!signal.aborted) {
        wakeUp = new AbortController();
        const idle = [...waiting].filter((uid) => !treated.has(uid));
        const due = idle.filter((uid) => attempts.waitMs(uid) === 0);
        for (const uid of due.slice(0, atOnce - treated.size)) start(uid);
        const waits = idle.map((uid) => attempts.waitMs(uid)).filter((ms) => ms > 0);
        await pause(Math.min(60_000, ...waits), AbortSignal.any([signal, wakeUp.signal]));
      }
    },
  };
}

/** Never rejects. @returns whether it is to be tried again without another census */
async function treat(uid: string, options: RepairOptions): Promise<boolean> {
  const { podOf, look, mode: configured, treatments, attempts, signal } = options;
  const pod = podOf(uid);
  if (!pod) return false;
  const mode = modeOf(pod, configured);
  try {
    await pause((options.confirmMs ?? CONFIRM_MS)[mode], signal);
    const state = await look(pod);
    if (!state || signal.aborted) return false;
    const isCurable = curable(state).length > 0;
    if (!isCurable && incurable(state).length === 0) return false;
    attempts.note(uid);
    const startedAt = new Date().toISOString();
    const result = await treatments[isCurable ? mode : 'observe']({ pod, state });
    const found = sentenceOf(state.findings);
    report(pod, { startedAt, mode, result, found }, options);
    return result.outcome === 'failed' || result.outcome === 'refused';
  } catch (error) {
    attempts.note(uid);
    options.log.warn({ pod: told(pod), err: error }, 'a pod could not be looked at');
    return false; // the next census finds it again
  }
}

function report(pod: Pod, done: Done, { tell, keep, metrics, log, podOf }: RepairOptions): void {
  const { mode, result, found } = done;
  const { outcome, event, error } = result;
  // Whatever failed on a pod that is gone is no failure.
  const isGone = outcome === 'gone' || podOf(pod.metadata.uid) === undefined;
  metrics.repairs.inc({ action: mode, outcome: isGone ? 'gone' : outcome });
  if (isGone) return;
  keep(repairEntry(pod, done));
  const level = outcome === 'failed' ? 'error' : 'warn';
  log[level]({ pod: told(pod), action: mode, outcome, found, err: error }, 'repair');
  if (event) tell({ ...event, pod: told(pod) });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
