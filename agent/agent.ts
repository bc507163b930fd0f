import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { type Api, createApi } from './api.ts';
import { type BackendChoice, untilChosen } from './backend.ts';
import { type About, type Condition, createCondition, missing, status } from './condition.ts';
import { type AgentConfig } from './config.ts';
import { whereLoaded } from './dropins.ts';
import { createEvents } from './events.ts';
import { createFacts } from './facts.ts';
import { followPods } from './follow.ts';
import { serveHealth } from './health.ts';
import { createHistory, type History } from './history.ts';
import { type Installation } from './installation.ts';
import { loadKubeConfig } from './kubeconfig.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createOwner, type Owner, tellFailure } from './owner.ts';
import { type WatchOptions } from './pods.ts';
import { type Redirection, redirectionOf } from './redirection.ts';
import { socketListener } from './server.ts';
import { keepSocket } from './socket.ts';
import { leaveWhen } from './stop.ts';
import { openStore, type Store } from './store.ts';
import { removeTaint } from './taint.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly log: Logger;
  readonly chooseBackend: (signal: AbortSignal) => Promise<BackendChoice>;
  /** Undefined: nothing is installed. */
  readonly install?: (metrics: Metrics) => Installation | undefined;
  readonly watch?: Omit<WatchOptions, 'nodeName'>;
  readonly backendRetryMs?: number;
  /** For the disk at the end: what is left of the 5 s of a stop once the sockets are closed. */
  readonly flushMs?: number;
}

const NOT_KEPT = {
  ADDs: 'will not know those of pods that are gone',
  repairs: 'will not know them',
};

/** Runs all parts until aborted, or until one of them fails, which ends the others. */
export async function runAgent(options: AgentOptions, stopped: AbortSignal): Promise<void> {
  const [failed, over] = [new AbortController(), new AbortController()];
  const stopping = AbortSignal.any([stopped, failed.signal]);
  const agent = await createAgent(options, AbortSignal.any([failed.signal, over.signal]));
  const { owner, log, about } = agent;
  const { installation } = about;
  const parts = [
    serveSocket(agent),
    followPods(agent),
    keepBackend(agent),
    agent.keep(),
    keepUntainted(agent),
    serveChecks(agent),
    ...(owner ? [owner.follow(agent.signal)] : []),
    ...(installation ? [installation.keep(stopping)] : []),
  ].map((part) =>
    part.catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const ended = Promise.allSettled(parts);
  const end = async (): Promise<void> => {
    over.abort();
    await ended;
    const flushed = Promise.all([agent.store.flush(), agent.history.flush()]);
    await Promise.race([flushed, sleep(options.flushMs ?? 1_500, undefined, { ref: false })]);
  };
  const isForGood = async (): Promise<boolean> =>
    stopped.aborted && (await owner?.isGoing()) === true;
  await leaveWhen(stopping, { log, installation, isForGood, end });
  const failure = (await ended).find((part) => part.status === 'rejected');
  if (failure) throw failure.reason;
}

interface Agent extends AgentOptions, Redirection {
  readonly api: Api;
  readonly store: Store;
  readonly history: History;
  readonly metrics: Metrics;
  readonly condition: Condition;
  readonly about: About;
  /** Undefined: nobody tells whether a stop is for good, so none is. */
  readonly owner: Owner | undefined;
  readonly signal: AbortSignal;
}

async function createAgent(options: AgentOptions, signal: AbortSignal): Promise<Agent> {
  const { config, log } = options;
  const onFailure = (err: unknown): void => {
    log.warn({ err }, 'facts are not kept on disk: after a reboot the API server must be there');
  };
  const store = await openStore({ directory: `${config.stateDir}/pods`, onFailure, signal });
  const metrics = createMetrics(store.size);
  const api = createApi(() => loadKubeConfig(config.api));
  const condition = createCondition();
  const history = createHistory({
    stateDir: config.stateDir,
    onFailure: (err, what) => {
      log.warn({ err }, `${what} are not kept on disk: \`history\` ${NOT_KEPT[what]}`);
    },
  });
  const keepRepair: History['keepRepair'] = (repair) => {
    condition.lastRepair = repair;
    history.keepRepair(repair);
  };
  const parts = { config, api, store, condition, metrics, log, keepRepair, signal };
  const redirection = redirectionOf(parts);
  const about: About = {
    nodeName: config.nodeName,
    socketPath: config.socketPath,
    startedAt: new Date().toISOString(),
    installation: whereLoaded(options.install?.(metrics), { ...config, api }),
    knownPods: store.size,
    waiting: () => ({
      ...redirection.waiting(),
      history: history.waiting(),
      facts: store.waiting(),
    }),
  };
  const owner = config.pod && createOwner({ api, pod: config.pod, onFailure: tellFailure(log) });
  return {
    ...options,
    ...redirection,
    api,
    owner,
    store,
    history,
    metrics,
    condition,
    about,
    signal,
  };
}

function serveSocket(agent: Agent): Promise<void> {
  const { config, log, metrics, condition, about, signal } = agent;
  const keep: History['keep'] = (record) => {
    agent.history.keep(record);
    agent.announce(record);
  };
  const routes = {
    askForPod: createFacts({ ...agent, nodeName: config.nodeName }),
    takeEvent: createEvents({ log, metrics, keep }),
    status: () => status(condition, about),
    countFacts: (source: string) => {
      metrics.facts.inc({ source });
    },
    census: agent.census,
  };
  const onListening = (): void => {
    condition.isListening = true;
    log.info({ socket: config.socketPath, pods: about.knownPods() }, 'listening');
  };
  const listener = socketListener(routes, log);
  return keepSocket({ path: config.socketPath, listener, onListening, signal });
}

async function keepBackend({ condition, log, signal, ...options }: Agent): Promise<void> {
  const { chooseBackend: choose, backendRetryMs: retryMs = 60_000 } = options;
  const onFailure = (error: unknown): void => {
    condition.backendFailure = error instanceof Error ? error : new Error(String(error));
    log.error({ err: error }, 'no backend can be chosen');
  };
  condition.backend = await untilChosen({ choose, retryMs, onFailure, signal });
  log.info({ backend: condition.backend?.backend }, 'backend');
}

function keepUntainted({ api, config, condition, about, log, signal }: Agent): Promise<void> {
  const isReady = (): boolean => missing(condition, about).length === 0;
  return removeTaint({ api, nodeName: config.nodeName, isReady, log, signal });
}

function serveChecks({ config, condition, about, metrics, log, signal }: Agent): Promise<void> {
  return serveHealth({
    ...config.address,
    missing: () => missing(condition, about),
    renderMetrics: metrics.render,
    onListening: (port) => {
      log.info({ host: config.address.host, port }, 'health and metrics');
    },
    onWaiting: (err) => {
      log.warn({ err }, 'health and metrics wait for their port');
    },
    signal,
  });
}
