import { setTimeout as sleep } from 'node:timers/promises';
import { object, string } from '../cni/redirect/manifest.ts';
import { type JsonObject } from '../cni/spec/json.ts';
import { type Api, ApiError } from './api.ts';
import { type BackoffOptions, createBackoff } from './backoff.ts';
import { daemonSetOf, type Fate, fateAfter, fateOf } from './fate.ts';

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
  readonly silenceMs?: number;
}

type Asked = Pick<Api, 'get' | 'lines'>;

interface Ref {
  readonly namespace: string;
  readonly name: string;
}

export function createOwner(options: OwnerOptions): Owner {
  const { api, pod, onFailure, timeoutMs = 1_000, silenceMs = 150_000 } = options;
  const backoff = createBackoff(options.backoff);
  let owner: Ref | undefined;
  let last: Fate | undefined;

  const listen = async (ref: Ref, signal: AbortSignal): Promise<void> => {
    const found = await read(api, ref, { timeoutMs: 30_000, signal });
    last = fateOf(found);
    if (found === undefined) return;
    for await (const line of api.lines(watchPath(ref, found), { silenceMs, signal })) {
      last = fateAfter(line) ?? last;
      backoff.reset();
    }
  };
  return {
    follow: async (signal) => {
      while (!signal.aborted) {
        try {
          owner ??= await readOwner(api, pod, signal);
          if (owner === undefined) return;
          await listen(owner, signal);
        } catch (error) {
          onFailure(error);
        }
        await sleep(backoff.nextMs(), undefined, { signal }).catch(() => undefined);
      }
    },
    isGoing: async () => {
      if (owner === undefined) return false;
      const ask = async (read: (limits: Limits) => Promise<JsonObject | undefined>) =>
        read({ timeoutMs, signal: AbortSignal.timeout(timeoutMs) }).then(fateOf, () => undefined);
      const ref = owner;
      const [now, around] = await Promise.all([
        ask((limits) => read(api, ref, limits)),
        ask((limits) => readNamespace(api, ref, limits)),
      ]);
      return (now ?? last) === 'goes' || around === 'goes';
    },
  };
}

type Limits = Parameters<Api['get']>[1];

async function readOwner(api: Asked, pod: Ref, signal: AbortSignal): Promise<Ref | undefined> {
  const path = `${namespacePath('/api/v1', pod)}/pods/${encodeURIComponent(pod.name)}`;
  const name = daemonSetOf(await api.get(path, { timeoutMs: 30_000, signal }));
  return name === undefined ? undefined : { namespace: pod.namespace, name };
}

function read(api: Asked, ref: Ref, limits: Limits): Promise<JsonObject | undefined> {
  return find(api, `${daemonSets(ref)}/${encodeURIComponent(ref.name)}`, ref.name, limits);
}

/**
 * Of a namespace that is deleted, the pods go first, while their DaemonSet is there as if nothing were.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/namespace/deletion/namespaced_resources_deleter.go
 */
function readNamespace(api: Asked, ref: Ref, limits: Limits): Promise<JsonObject | undefined> {
  return find(api, namespacePath('/api/v1', ref), ref.namespace, limits);
}

/** Undefined if the API server says that nothing has this name; a 404 alone may come from whoever stands before it. */
async function find(
  api: Asked,
  path: string,
  name: string,
  limits: Limits,
): Promise<JsonObject | undefined> {
  try {
    return object(await api.get(path, limits), 'it');
  } catch (error) {
    const said = error instanceof ApiError && error.status === 404 ? error.cause : undefined;
    if (said instanceof Error && said.message.endsWith(`"${name}" not found`)) return undefined;
    throw error;
  }
}

function watchPath(ref: Ref, { metadata }: JsonObject): string {
  const { resourceVersion } = object(metadata, 'metadata');
  const query = new URLSearchParams({
    fieldSelector: `metadata.name=${ref.name}`,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: string(resourceVersion, 'metadata.resourceVersion'),
    timeoutSeconds: String(300 + Math.floor(Math.random() * 300)),
  });
  return `${daemonSets(ref)}?${query.toString()}`;
}

function daemonSets(ref: Ref): string {
  return `${namespacePath('/apis/apps/v1', ref)}/daemonsets`;
}

function namespacePath(group: string, { namespace }: Ref): string {
  return `${group}/namespaces/${encodeURIComponent(namespace)}`;
}
