import { setTimeout as sleep } from 'node:timers/promises';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Pods } from '../list.ts';
import { type Pod } from '../pod.ts';
import { type PodState } from './finding.ts';
import { type Eyes } from './look/look.ts';
import { type Locate } from './netns/locate.ts';
import { type CensusReport, reportOf } from './report.ts';
import { podState } from './state.ts';

export interface CensusOptions {
  /** The node's pods as they are known now. */
  readonly pods: () => readonly Pod[];
  /** A search that looks at the node anew. */
  readonly createLocate: () => Locate;
  readonly eyes: Eyes;
  readonly backend: () => Backend | undefined;
  /** Told of each pod as it is looked at, with what was found the last time. */
  readonly onState: (state: PodState, before: PodState | undefined) => void;
  /** Told of all pods, after each census and whenever some have been looked at because they changed. */
  readonly onStates: (states: readonly PodState[]) => void;
  readonly onReport: (report: CensusReport) => void;
  readonly periodMs: number;
  /** How long changes of pods are collected before they are looked at. */
  readonly settleMs?: number;
}

/** What is known of the node's pods, expected against actual. */
export interface Census {
  /** Looks at all pods, at once and then every period, and at those that change, until aborted. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** To be told whenever pods may have changed. */
  readonly follow: (pods: Pods) => void;
  /** Looks at all pods now. */
  readonly take: () => Promise<CensusReport>;
  /** Looks at one pod now; undefined if it is not of this node any more. */
  readonly look: (uid: string) => Promise<PodState | undefined>;
  /** Undefined before the first census has ended. */
  readonly last: () => CensusReport | undefined;
}

export function createCensus(options: CensusOptions): Census {
  const {
    createLocate,
    eyes,
    backend,
    onState,
    onStates,
    onReport,
    periodMs,
    settleMs = 100,
  } = options;
  const states = new Map<string, PodState>();
  const changed = new Set<string>();
  let followed: Pods = new Map();
  let report: CensusReport | undefined;
  let settling: NodeJS.Timeout | undefined;
  const inTurn = createTurns();

  const lookAt = async (pods: readonly Pod[]): Promise<void> => {
    const locate = createLocate();
    for (const pod of pods) {
      const { uid } = pod.metadata;
      const state = await podState(pod, { locate, eyes, backend: backend() });
      onState(state, states.get(uid));
      states.set(uid, state);
      // A glance is synchronous: whoever asks the agent meanwhile gets an answer in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const lookAtAll = async (): Promise<CensusReport> => {
    const startedAt = performance.now();
    const pods = options.pods();
    await lookAt(pods);
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of states.keys()) if (!uids.has(uid)) states.delete(uid);
    eyes.forget();
    report = reportOf([...states.values()], (performance.now() - startedAt) / 1_000);
    onReport(report);
    onStates([...states.values()]);
    return report;
  };
  const lookAtChanged = async (): Promise<void> => {
    const uids = new Set(changed);
    changed.clear();
    await lookAt(options.pods().filter(({ metadata }) => uids.has(metadata.uid)));
    onStates([...states.values()]);
  };

  return {
    take: () => inTurn(lookAtAll),
    look: (uid) =>
      inTurn(async () => {
        await lookAt(options.pods().filter(({ metadata }) => metadata.uid === uid));
        return states.get(uid);
      }),
    last: () => report,
    follow: (pods) => {
      for (const [uid, pod] of pods) if (followed.get(uid) !== pod) changed.add(uid);
      followed = pods;
      if (changed.size === 0) return;
      settling ??= setTimeout(() => {
        settling = undefined;
        void inTurn(lookAtChanged);
      }, settleMs);
    },
    keep: async (signal) => {
      while (!signal.aborted) {
        await inTurn(lookAtAll);
        await sleep(periodMs, undefined, { signal }).catch(() => undefined);
      }
      clearTimeout(settling);
    },
  };
}

/** Runs one after the other what is asked for at the same time. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
