import { causes } from '../cni/spec/error.ts';
import { VERSION } from '../cni/version.ts';
import { type BackendChoice } from './backend.ts';
import { type Installation } from './installation.ts';
import { type PodsState } from './pods.ts';
import { type RepairEntry } from './repair/entry.ts';

/** How the agent is; its parts write, health and status read. */
export interface Condition {
  isListening: boolean;
  watch: PodsState;
  backend: BackendChoice | undefined;
  /** Why there is no backend yet. */
  backendFailure: Error | undefined;
  /** Since this process was started. */
  lastRepair: RepairEntry | undefined;
}

export interface About {
  readonly nodeName: string;
  readonly socketPath: string;
  readonly startedAt: string;
  readonly installation: Installation | undefined;
  readonly knownPods: () => number;
  readonly waiting: () => Waiting;
}

/** What the agent has still to do. */
export interface Waiting {
  /** Pods that are to be repaired. */
  readonly repairs: number;
  /** Events about pods that are to be posted. */
  readonly events: number;
  /** ADDs and repairs that the disk does not hold yet. */
  readonly history: number;
  /** Pods whose facts it does not hold yet. */
  readonly facts: number;
}

export function createCondition(): Condition {
  return {
    isListening: false,
    watch: { pods: undefined, failure: undefined },
    backend: undefined,
    backendFailure: undefined,
    lastRepair: undefined,
  };
}

/**
 * What keeps the agent from being ready, one sentence each.
 *
 * An API server that is away is no reason once the pods were listed: they are served all the same.
 */
export function missing(condition: Condition, about: About): string[] {
  const { isListening, backend, backendFailure } = condition;
  const { socketPath, installation } = about;
  return [
    ...(isListening ? [] : [`nothing listens on ${socketPath} yet`]),
    ...unlisted(condition, about),
    ...(backend ? [] : [because('no backend is chosen yet', backendFailure)]),
    ...(installation?.isComplete() === false
      ? [
          `the plugin is not installed: ${installation.state().reason ?? 'nothing was looked at yet'}`,
        ]
      : []),
  ];
}

/** Why it cannot be told which pods the node has; `[]`: it can. */
export function unlisted(
  { watch }: Pick<Condition, 'watch'>,
  { nodeName }: Pick<About, 'nodeName'>,
): string[] {
  if (watch.pods) return [];
  return [because(`the pods of node ${nodeName} are not listed yet`, watch.failure)];
}

/** The answer to `GET /v1/status`. */
export function status(condition: Condition, about: About): unknown {
  const { watch, backend, lastRepair } = condition;
  const reasons = missing(condition, about);
  return {
    version: VERSION,
    nodeName: about.nodeName,
    startedAt: about.startedAt,
    ready: reasons.length === 0,
    missing: reasons,
    pods: {
      known: about.knownPods(),
      listed: watch.pods !== undefined,
      failure: watch.failure?.message,
    },
    backend,
    lastRepair,
    waiting: about.waiting(),
    installed: about.installation?.isComplete(),
  };
}

function because(what: string, failure: Error | undefined): string {
  return [what, ...(failure ? [failure.message, ...causes(failure)] : [])].join(': ');
}
