import { isObject } from '../cni/facts/json.ts';
import { causes } from '../cni/spec/error.ts';
import { type Api, ApiError } from './api.ts';
import { cutPod, isThisPod, type Pod } from './pod.ts';
import { refuse, type Reply } from './reply.ts';
import { type PodRef, type Store } from './store.ts';

/** Metric label: who knew, or what was answered instead. */
export type FactsOutcome =
  'watch' | 'disk' | 'apiserver' | 'pod-unknown' | 'uid-mismatch' | 'not-ready';

export interface FactsOptions {
  readonly api: Api;
  readonly store: Store;
  readonly nodeName: string;
  /** For a question to the API server; the plugin asks again when it is over. */
  readonly timeoutMs?: number;
  readonly now?: () => Date;
  readonly signal: AbortSignal;
}

export type AskForPod = (ref: PodRef) => Promise<Reply & { readonly outcome: FactsOutcome }>;

/** Answers `GET /v1/pods/…`: from memory, or else from the API server, which is asked once for all who wait. */
export function createFacts(options: FactsOptions): AskForPod {
  const { store, nodeName, now = () => new Date() } = options;
  const asked = new Map<string, Promise<Pod | undefined>>();

  const ask = (path: string): Promise<Pod | undefined> => {
    const already = asked.get(path);
    if (already) return already;
    const answer = readPod(path, options).finally(() => asked.delete(path));
    asked.set(path, answer);
    return answer;
  };
  const readNow = async (ref: PodRef): ReturnType<AskForPod> => {
    const pod = await ask(podPath(ref));
    if (!pod) return unknown(ref, nodeName);
    if (!isThisPod(pod, ref.uid)) return mismatch(ref, pod);
    return found(pod, 'apiserver', now().toISOString());
  };
  return async (ref) => {
    const known = store.find(ref);
    if (known && isThisPod(known.pod, ref.uid)) {
      return found(known.pod, known.source, known.observedAt);
    }
    try {
      return await readNow(ref);
    } catch (error) {
      return known ? mismatch(ref, known.pod) : notReady(ref, error);
    }
  };
}

async function readPod(path: string, options: FactsOptions): Promise<Pod | undefined> {
  const { api, nodeName, timeoutMs = 3_000, signal } = options;
  try {
    const json = await api.get(path, { timeoutMs, signal });
    // Pods of other nodes are none of the plugin's business.
    return isOn(json, nodeName) ? cutPod(json) : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function podPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

function isOn(json: unknown, nodeName: string): boolean {
  return isObject(json) && isObject(json.spec) && json.spec.nodeName === nodeName;
}

type Answer = Awaited<ReturnType<AskForPod>>;

function found(pod: Pod, source: 'watch' | 'disk' | 'apiserver', observedAt: string): Answer {
  return { status: 200, body: { pod, source, observedAt }, outcome: source };
}

function unknown({ namespace, name }: PodRef, nodeName: string): Answer {
  const message = `the API server knows no pod ${namespace}/${name} on node ${nodeName}`;
  return { ...refuse(404, 'pod-unknown', message), outcome: 'pod-unknown' };
}

function mismatch({ namespace, name, uid }: PodRef, { metadata }: Pod): Answer {
  const message = `pod ${namespace}/${name} has UID "${metadata.uid}", not "${uid ?? ''}"`;
  return { ...refuse(409, 'uid-mismatch', message), outcome: 'uid-mismatch' };
}

function notReady({ namespace, name }: PodRef, error: unknown): Answer {
  const why = error instanceof Error ? [error.message, ...causes(error)].join(': ') : String(error);
  const message = `pod ${namespace}/${name} is not known yet, and the API server cannot be asked: ${why}`;
  return { ...refuse(503, 'not-ready', message), outcome: 'not-ready' };
}
