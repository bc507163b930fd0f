import { setTimeout as sleep } from 'node:timers/promises';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Pod } from '../pod.ts';
import { type Changes, type ChangesOptions, createChanges } from './changes.ts';
import { type expectedOf } from './expected.ts';
import { type PodState } from './finding.ts';
import { type Eyes } from './look/look.ts';
import { type Locate } from './netns/locate.ts';
import { type CensusReport, reportOf } from './report.ts';
import { podState } from './state.ts';

export interface CensusOptions extends Omit<ChangesOptions, 'onChanges'> {
  /** The node's pods as they are known now. */
  readonly pods: () => readonly Pod[];
  /** A search that looks at the node anew. */
  readonly createLocate: () => Locate;
  readonly eyes: Eyes;
  readonly backend: () => Backend | undefined;
  /** Undefined: the plugin's default. */
  readonly excludeNamespaces?: readonly string[];
  /** Undefined: as a pod's ADD has decided, or one would now. */
  readonly expected?: typeof expectedOf;
  /** Told of each pod as it is looked at, with what was found the last time. */
  readonly onState: (state: PodState, before: PodState | undefined) => void;
  /** Told of all pods, after each census and whenever some have been looked at because they changed. */
  readonly onStates: (states: readonly PodState[]) => void;
  readonly onReport: (report: CensusReport) => void;
  readonly periodMs: number;
}

/** What is known of the node's pods, expected against actual. */
export interface Census {
  /** Looks at all pods, at once and then every period, and at those that change, until aborted. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** To be told whenever pods may have changed. */
  readonly follow: Changes['follow'];
  /** Looks at all pods now. */
  readonly take: () => Promise<CensusReport>;
  /** Looks at one pod now; undefined if it is not of this node any more. */
  readonly look: (uid: string) => Promise<PodState | undefined>;
  /** Undefined before the first census has ended. */
  readonly last: () => CensusReport | undefined;
}

export function createCensus(options: CensusOptions): Census {
  const { onStates, onReport, periodMs } = options;
  const states = new Map<string, PodState>();
  let report: CensusReport | undefined;
  const inTurn = createTurns();

  const lookAtAll = async (): Promise<CensusReport> => {
    const startedAt = performance.now();
    const pods = options.pods();
    await lookAt(pods, states, options);
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of states.keys()) if (!uids.has(uid)) states.delete(uid);
    options.eyes.forget();
    report = reportOf([...states.values()], (performance.now() - startedAt) / 1_000);
    onReport(report);
    onStates([...states.values()]);
    return report;
  };
  const lookAtSome = async (uids: ReadonlySet<string>): Promise<boolean> => {
    const pods = options.pods().filter(({ metadata }) => uids.has(metadata.uid));
    await lookAt(pods, states, options);
    return pods.length > 0;
  };
  const lookAtChanged = async (uids: ReadonlySet<string>): Promise<void> => {
    if (await lookAtSome(uids)) onStates([...states.values()]);
  };
  const changes = createChanges({
    ...options,
    onChanges: (uids) => void inTurn(() => lookAtChanged(uids)),
  });

  return {
    take: () => inTurn(lookAtAll),
    look: (uid) =>
      inTurn(async () => ((await lookAtSome(new Set([uid]))) ? states.get(uid) : undefined)),
    last: () => report,
    follow: changes.follow,
    keep: async (signal) => {
      while (!signal.aborted) {
        await inTurn(lookAtAll);
        await sleep(periodMs, undefined, { signal }).catch(() => undefined);
      }
      changes.stop();
    },
  };
}

async function lookAt(
  pods: readonly Pod[],
  states: Map<string, PodState>,
  { createLocate, eyes, backend, excludeNamespaces, expected, onState }: CensusOptions,
): Promise<void> {
  const options = { locate: createLocate(), eyes, excludeNamespaces, expected };
  for (const pod of pods) {
    const { uid } = pod.metadata;
    const state = await podState(pod, { ...options, backend: backend() });
    onState(state, states.get(uid));
    states.set(uid, state);
    // A glance is synchronous: whoever asks the agent meanwhile gets an answer in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
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
