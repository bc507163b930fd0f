import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiError } from './api.ts';
import { createBackoff, type BackoffOptions } from './backoff.ts';
import {
  parseEvent,
  parseList,
  type PodList,
  type Pods,
  podsPath,
  type WatchEvent,
  withEvent,
} from './list.ts';

/** The pods of the node as the API server last told them. */
export interface PodsState {
  /** Undefined before the first list. */
  readonly pods: Pods | undefined;
  /** Why the API server is not listened to now; undefined while it is. */
  readonly failure: Error | undefined;
}

export interface WatchOptions {
  readonly nodeName: string;
  readonly backoff?: BackoffOptions;
  readonly listTimeoutMs?: number;
  readonly silenceMs?: number;
}

/** What we know is too old, or not what the server meant: only a new list helps. */
class Gone extends Error {}

/**
 * The pods of a node, told again whenever something about them or the connection changed, until aborted.
 *
 * A lost connection takes no pod away: only a list or a deletion does.
 */
export async function* watchPods(
  api: Api,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<PodsState> {
  const backoff = createBackoff(options.backoff);
  let known: PodList | undefined;
  // "0" is whatever the server has at hand, "" the newest there is, whatever it costs.
  let listFrom: '0' | '' | undefined = '0';
  let wasGone = false;

  while (!signal.aborted) {
    try {
      if (known === undefined || listFrom !== undefined) {
        known = await list(api, listFrom ?? '', options, signal);
        listFrom = undefined;
        yield { pods: known.pods, failure: undefined };
      }
      for await (const event of watch(api, known.resourceVersion, options, signal)) {
        known = withEvent(known, event);
        backoff.reset();
        wasGone = false;
        yield { pods: known.pods, failure: undefined };
      }
    } catch (error) {
      if (error instanceof Gone) {
        // The server is back, and has answered: no reason to wait for as long as while it was away. Once, as it may be mad.
        if (!wasGone) backoff.reset();
        wasGone = true;
        listFrom = '';
      }
      const failure = error instanceof Error ? error : new Error(String(error));
      yield { pods: known?.pods, failure };
      await sleep(backoff.nextMs(), undefined, { signal }).catch(() => undefined);
    }
  }
}

async function list(
  api: Api,
  resourceVersion: '0' | '',
  { nodeName, listTimeoutMs = 30_000 }: WatchOptions,
  signal: AbortSignal,
): Promise<PodList> {
  const path = podsPath(nodeName, resourceVersion === '' ? {} : { resourceVersion });
  return parseList(await api.get(path, { timeoutMs: listTimeoutMs, signal }));
}

/**
 * A watch from there on, to its end.
 *
 * The server sends a bookmark each minute, so a silent connection is a dead one. It ends each watch after some minutes,
 * at another time for each agent.
 */
async function* watch(
  api: Api,
  resourceVersion: string,
  { nodeName, silenceMs = 150_000 }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const path = podsPath(nodeName, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(300 + Math.floor(Math.random() * 300)),
  });
  let heard = false;
  try {
    for await (const line of api.lines(path, { silenceMs, signal })) {
      yield readEvent(line);
      heard = true;
    }
  } catch (cause) {
    const isTooOld = cause instanceof ApiError && [400, 410].includes(cause.status);
    throw isTooOld ? new Gone(cause.message, { cause }) : cause;
  }
  if (!heard) throw new Error('the API server ends the watch before it says anything');
}

function readEvent(line: string): WatchEvent {
  try {
    return parseEvent(line);
  } catch (cause) {
    throw new Gone(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
