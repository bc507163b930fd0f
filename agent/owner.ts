import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject } from '../cni/spec/json.ts';
import { type Logger } from 'pino';
import { ApiError } from './api.ts';
import { type BackoffOptions, createBackoff } from './backoff.ts';
import { daemonSetOf, type Fate, fateAfter, fateOf } from './fate.ts';
import {
  type Asked,
  type Limits,
  namespacePath,
  readDaemonSet,
  readNamespace,
  type Ref,
  watchPath,
} from './objects.ts';

/** The DaemonSet that this agent's pod is of, as the API server last told. */
export interface Owner {
  /** Until aborted, or the pod is of none. Who only asks at the end may have lost the right to ask by then. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
  /** Whether it is deleted, and with it our reason to be on this node. What is not known for sure means that it is not. */
  readonly isGoing: () => Promise<boolean>;
}

export interface OwnerOptions {
  readonly api: Asked;
  readonly pod: Ref;
  readonly onFailure: (error: unknown) => void;
  readonly backoff?: BackoffOptions;
  /** For the questions at the end; meanwhile the plugin is served. */
  readonly timeoutMs?: number;
  /** Between the two of them that must have the same answer. */
  readonly confirmMs?: number;
  readonly silenceMs?: number;
}

export function createOwner(options: OwnerOptions): Owner {
  const {
    api,
    pod,
    onFailure,
    timeoutMs = 1_000,
    confirmMs = 3_000,
    silenceMs = 150_000,
  } = options;
  const backoff = createBackoff(options.backoff);
  let owner: Ref | undefined;
  let last: Fate | undefined;

  const listen = async (ref: Ref, signal: AbortSignal): Promise<void> => {
    const found = await readDaemonSet(api, ref, { timeoutMs: 30_000, signal });
    last = fateOf(found);
    if (found === undefined) return;
    for await (const line of api.lines(watchPath(ref, found), { silenceMs, signal })) {
      last = fateAfter(line) ?? last;
      backoff.reset();
    }
  };
  const goes = async (ref: Ref, otherwise: Fate | undefined): Promise<boolean> => {
    const ask = async (read: (limits: Limits) => Promise<JsonObject | undefined>) =>
      read({ timeoutMs, signal: AbortSignal.timeout(timeoutMs) }).then(fateOf, () => undefined);
    const [now, around] = await Promise.all([
      ask((limits) => readDaemonSet(api, ref, limits)),
      ask((limits) => readNamespace(api, ref, limits)),
    ]);
    return (now ?? otherwise) === 'goes' || around === 'goes';
  };
  return {
    follow: async (signal) => {
      while (!signal.aborted) {
        try {
          owner ??= await readOwner(api, pod, signal);
          if (owner === undefined) return;
          await listen(owner, signal);
        } catch (error) {
          if (last !== 'goes') onFailure(error);
        }
        await sleep(backoff.nextMs(), undefined, { signal }).catch(() => undefined);
      }
    },
    isGoing: async () => {
      if (owner === undefined || !(await goes(owner, last))) return false;
      // Who replaces a DaemonSet (`kubectl replace --force`) deletes it, and makes it anew a moment later.
      await sleep(confirmMs);
      return goes(owner, 'goes');
    },
  };
}

/** Tells once what an operator has to mend; that the API server is away is told by others. */
export function tellFailure(log: Logger): (error: unknown) => void {
  let times = 0;
  return (err) => {
    if (!(err instanceof ApiError && err.status === 403)) return;
    times += 1;
    // The API server refuses for a moment what it has just been told to allow.
    if (times === 3)
      log.warn({ err }, 'if the DaemonSet is deleted, the plugin stays on this node');
  };
}

async function readOwner(api: Asked, pod: Ref, signal: AbortSignal): Promise<Ref | undefined> {
  const path = `${namespacePath('/api/v1', pod)}/pods/${encodeURIComponent(pod.name)}`;
  const name = daemonSetOf(await api.get(path, { timeoutMs: 30_000, signal }));
  return name === undefined ? undefined : { namespace: pod.namespace, name };
}
