import { type Logger } from 'pino';
import { type Api } from './api.ts';
import { type Census } from './census/census.ts';
import { type Condition } from './condition.ts';
import { type AgentConfig } from './config.ts';
import { type Metrics } from './metrics.ts';
import { type PodsState, watchPods, type WatchOptions } from './pods.ts';
import { type Store } from './store.ts';

interface Followers {
  readonly api: Api;
  readonly config: AgentConfig;
  readonly watch?: Omit<WatchOptions, 'nodeName'>;
  readonly condition: Condition;
  readonly store: Store;
  readonly census: Census;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Hands on what the API server tells about the pods of the node, until aborted. */
export async function followPods(followers: Followers): Promise<void> {
  const { api, config, condition, store, census, metrics, signal } = followers;
  const options = { ...followers.watch, nodeName: config.nodeName };
  for await (const state of watchPods(api, options, signal)) {
    if (signal.aborted) return;
    if (state.pods && state.pods !== condition.watch.pods) {
      store.update(state.pods);
      census.follow(state.pods);
    }
    tell(state, followers);
    condition.watch = state;
    metrics.watching.set(state.failure ? 0 : 1);
  }
}

/** One line when the API server is lost, and one when it is back. */
function tell({ pods, failure }: PodsState, { condition, config, log }: Followers): void {
  const { watch } = condition;
  if (failure && failure.message !== watch.failure?.message) {
    log.warn({ err: failure }, 'the API server is not listened to: pods are served as last seen');
  }
  if (pods && !failure && (!watch.pods || watch.failure)) {
    log.info({ node: config.nodeName, pods: pods.size }, 'watching the pods of this node');
  }
}
