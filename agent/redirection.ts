import { type Logger } from 'pino';
import { type AttachmentRecord } from '../cni/attachment.ts';
import { type Backend } from '../cni/kernel/tools.ts';
import { type Api } from './api.ts';
import { type Census } from './census/census.ts';
import { censusOf } from './census/part.ts';
import { type Condition, unlisted } from './condition.ts';
import { type AgentConfig } from './config.ts';
import { type Metrics } from './metrics.ts';
import { eventOfAdd } from './podevents/added.ts';
import { createRecorder } from './podevents/recorder.ts';
import { repairOf } from './repair/part.ts';
import { type Repair, type RepairOptions } from './repair/repair.ts';
import { type ListedCensus } from './routes.ts';
import { type Store } from './store.ts';

export interface RedirectionOptions {
  readonly config: AgentConfig;
  readonly api: Api;
  readonly store: Pick<Store, 'all'>;
  readonly condition: Condition;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Takes each repair. */
  readonly keepRepair: RepairOptions['keep'];
  readonly signal: AbortSignal;
}

/** Whether this node's pods are redirected: found out, put right and told. */
export interface Redirection {
  readonly census: Census & ListedCensus;
  /** Tells of an ADD. */
  readonly announce: (record: AttachmentRecord) => void;
  /** Pods that are to be repaired, and Events that are to be posted. */
  readonly waiting: () => { readonly repairs: number; readonly events: number };
  /** Keeps at it until aborted. */
  readonly keep: () => Promise<unknown>;
}

export function redirectionOf(options: RedirectionOptions): Redirection {
  const { config, api, store, condition, metrics, log, keepRepair, signal } = options;
  const backend = (): Backend | undefined => condition.backend?.backend;
  const recorder = createRecorder({
    api,
    nodeName: config.nodeName,
    metrics,
    onFailure: (err) => {
      log.warn({ err }, 'Events about pods are not posted');
    },
    signal,
  });
  // The census is there first, and has nothing to tell before it is kept.
  const onStates: Repair['take'] = (states) => {
    repair.take(states);
  };
  const census = censusOf({ config, pods: store.all, backend, metrics, log, onStates });
  const { look: lookAgain } = census;
  const repair: Repair = repairOf({
    config,
    api,
    pods: store.all,
    backend,
    lookAgain,
    tell: recorder.tell,
    keep: keepRepair,
    metrics,
    log,
    signal,
  });
  return {
    census: { ...census, unlisted: () => unlisted(condition, config) },
    announce: (record) => {
      const event = eventOfAdd(record);
      if (event) recorder.tell(event);
    },
    waiting: () => ({ repairs: repair.waiting(), events: recorder.waiting() }),
    keep: () => Promise.all([census.keep(signal), repair.run(), recorder.run()]),
  };
}
