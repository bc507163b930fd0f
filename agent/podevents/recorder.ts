import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiError } from '../api.ts';
import { createBackoff, type BackoffOptions } from '../backoff.ts';
import { type Metrics } from '../metrics.ts';
import { eventName, keyOf, type PodEvent, renderEvent } from './event.ts';

/** Tells things about pods by Events; whoever tells never waits, and nothing fails for an Event. */
export interface Recorder {
  readonly tell: (event: PodEvent) => void;
  /** How many are not posted yet. */
  readonly waiting: () => number;
  /** Posts what is told, until aborted. */
  readonly run: () => Promise<void>;
}

export interface RecorderOptions {
  readonly api: Pick<Api, 'write'>;
  readonly nodeName: string;
  readonly metrics: Pick<Metrics, 'podEvents'>;
  /** Told once until one is taken again. */
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** So many at once, then one in `pauseMs`: 250 pods may be repaired at the same time. */
  readonly burst?: number;
  readonly pauseMs?: number;
  readonly backoff?: BackoffOptions;
  readonly now?: () => Date;
}

/** The oldest goes first when more wait. */
const MOST_WAITING = 500;
/** The API server forgets Events after an hour, and then counts are of no use to us either. */
const MOST_KNOWN = 1_000;

interface Posted {
  readonly path: string;
  readonly count: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { metrics, signal, burst = 100, pauseMs = 200, onFailure } = options;
  const waiting: PodEvent[] = [];
  const posted = new Map<string, Posted>();
  const backoff = createBackoff({ firstMs: 500, ...options.backoff });
  let wakeUp = new AbortController();
  let failed = false;
  let spent = 0;
  let since = performance.now();

  const count = ({ reason }: PodEvent, outcome: 'posted' | 'dropped'): void => {
    metrics.podEvents.inc({ reason, outcome });
  };
  const postNext = async (event: PodEvent): Promise<void> => {
    try {
      remember(posted, keyOf(event), await post(event, posted.get(keyOf(event)), options));
      backoff.reset();
      failed = false;
      count(event, 'posted');
    } catch (error) {
      if (signal.aborted) return;
      if (!failed) onFailure(error);
      failed = true;
      if (isFinal(error)) count(event, 'dropped');
      else {
        waiting.unshift(event);
        await pause(backoff.nextMs(), signal);
      }
    }
  };
  const keepRate = async (): Promise<void> => {
    spent = Math.max(0, spent - (performance.now() - since) / pauseMs) + 1;
    since = performance.now();
    if (spent > burst) await pause(pauseMs, signal);
  };
  return {
    tell: (event) => {
      waiting.push(event);
      const lost = waiting.length > MOST_WAITING ? waiting.shift() : undefined;
      if (lost) count(lost, 'dropped');
      wakeUp.abort();
    },
    waiting: () => waiting.length,
    run: async () => {
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event) {
          await keepRate();
          await postNext(event);
        } else {
          wakeUp = new AbortController();
          await pause(60_000, AbortSignal.any([signal, wakeUp.signal]));
        }
      }
    },
  };
}

/** Creates it or, if it was told before, counts it there. */
async function post(
  event: PodEvent,
  before: Posted | undefined,
  { api, nodeName, signal, now = () => new Date() }: RecorderOptions,
): Promise<Posted> {
  const limits = { timeoutMs: 5_000, signal };
  const at = now().toISOString().replace(/\.\d+/, ''); // a metav1.Time has no fractions
  if (before) {
    const count = before.count + 1;
    try {
      const body = { count, lastTimestamp: at };
      await api.write({ method: 'PATCH', path: before.path, body }, limits);
      return { path: before.path, count };
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
  const id = randomBytes(8).toString('hex');
  const collection = `/api/v1/namespaces/${encodeURIComponent(event.pod.namespace)}/events`;
  const body = renderEvent(event, { nodeName, at, id });
  await api.write({ method: 'POST', path: collection, body }, limits);
  return { path: `${collection}/${eventName(event.pod, id)}`, count: 1 };
}

function remember(posted: Map<string, Posted>, key: string, value: Posted): void {
  posted.delete(key);
  posted.set(key, value);
  for (const oldest of posted.keys()) {
    if (posted.size <= MOST_KNOWN) return;
    posted.delete(oldest);
  }
}

/** Another attempt would be refused as well, e.g. because the namespace is going. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && ![401, 408, 429].includes(error.status);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
