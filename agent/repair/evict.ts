import { isObject } from '../../cni/facts/json.ts';
import { type Api, ApiError } from '../api.ts';
import { curable, sentenceOf } from './curable.ts';
import { GONE, LATER, type Result, type Treatment } from './treatment.ts';

export interface EvictOptions {
  readonly api: Pick<Api, 'get' | 'write'>;
  readonly signal: AbortSignal;
  /** One pod in so many milliseconds: whatever makes them all look broken must not empty the node. */
  readonly pauseMs?: number;
  readonly clock?: () => number;
}

/**
 * Has a pod made anew, where somebody does that: by an eviction, so that budgets are respected, of exactly the pod that
 * was looked at.
 */
export function createEvict(options: EvictOptions): Treatment {
  const { api, signal, pauseMs = 10_000, clock = () => performance.now() } = options;
  let notBefore = -Infinity;
  return async ({ pod, state }) => {
    const { namespace, name, uid } = pod.metadata;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
    const why = sentenceOf(curable(state));
    const limits = { timeoutMs: 5_000, signal };
    try {
      const now = readNow(await api.get(path, limits));
      if (now.uid !== uid || now.isGoing) return GONE;
      if (!now.isOwned) return refused(`nobody would make it anew: ${why}`);
      if (clock() < notBefore) return LATER;
      notBefore = clock() + pauseMs;
      const preconditions = { uid, resourceVersion: now.resourceVersion };
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { namespace, name },
        deleteOptions: { preconditions },
      };
      await api.write({ method: 'POST', path: `${path}/eviction`, body }, limits);
    } catch (error) {
      return failure(error, why);
    }
    const message = `it is evicted, to be made anew: ${why}`;
    return {
      outcome: 'done',
      event: { type: 'Warning', reason: 'EvictedForRedirection', message },
    };
  };
}

function failure(error: unknown, why: string): Result {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 404) return GONE;
  // It was changed since it was read; the next attempt reads it anew.
  if (status === 409) return LATER;
  if (status === 429) return refused(`a PodDisruptionBudget does not let it go yet: ${why}`);
  return { outcome: 'failed', event: undefined, error };
}

function refused(why: string): Result {
  const message = `it is not evicted, because ${why}`;
  return { outcome: 'refused', event: { type: 'Warning', reason: 'EvictionRefused', message } };
}

interface Now {
  readonly uid: unknown;
  readonly resourceVersion: unknown;
  readonly isGoing: boolean;
  readonly isOwned: boolean;
}

function readNow(json: unknown): Now {
  const metadata = isObject(json) && isObject(json.metadata) ? json.metadata : {};
  const { uid, resourceVersion, deletionTimestamp, ownerReferences } = metadata;
  const owners: readonly unknown[] = Array.isArray(ownerReferences) ? ownerReferences : [];
  return {
    uid,
    resourceVersion,
    isGoing: typeof deletionTimestamp === 'string',
    // Kubelet is its node's pods' owner for static ones, and would not stop them for an eviction.
    isOwned: owners.some(
      (owner) => isObject(owner) && owner.controller === true && owner.kind !== 'Node',
    ),
  };
}
