import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiError } from '../api.ts';
import { type Pod } from '../pod.ts';
import { curable, sentenceOf } from './curable.ts';
import { GONE, type Result, type Treatment } from './treatment.ts';

/** For whoever selects such pods; its value says nothing. */
export const LABEL = 'sluice.dev/not-redirected';

interface Options {
  readonly api: Pick<Api, 'write'>;
  readonly signal: AbortSignal;
}

/** Labels a pod, and tells why. */
export function createLabel(options: Options): Treatment {
  return async ({ pod, state }) => {
    const why = sentenceOf(curable(state));
    const result = await setLabel(pod, 'true', options);
    if (result.outcome !== 'done') return result;
    const message = `it is labelled ${LABEL}: ${why}`;
    return { ...result, event: { type: 'Warning', reason: 'NotRedirected', message } };
  };
}

/** Takes the label off a pod that is right again. */
export async function removeLabel(pod: Pod, options: Options): Promise<void> {
  await setLabel(pod, null, options);
}

/**
 * Takes the label off the pods that it is called with, one in so many milliseconds: whoever makes pods may give it to
 * hundreds of them, again and again.
 */
export function createUnlabel({ pauseMs = 1_000, ...options }: UnlabelOptions): (pod: Pod) => void {
  const waiting = new Map<string, Pod>();
  let running: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    for (const [uid, pod] of waiting) {
      waiting.delete(uid);
      await removeLabel(pod, options);
      if (options.signal.aborted) return;
      await sleep(pauseMs, undefined, options).catch(() => undefined);
    }
  };
  return (pod) => {
    const { uid, labels } = pod.metadata;
    if (labels[LABEL] === undefined) return;
    waiting.set(uid, pod);
    running ??= drain().finally(() => {
      running = undefined;
    });
  };
}

interface UnlabelOptions extends Options {
  readonly pauseMs?: number;
}

/** Through the pod's status, which takes labels too: the right to change pods would be the right to change images. */
async function setLabel(
  { metadata }: Pod,
  value: 'true' | null,
  { api, signal }: Options,
): Promise<Result> {
  const { namespace, name, uid, labels } = metadata;
  if ((labels[LABEL] ?? null) === value) return { outcome: 'done', event: undefined };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/status`;
  // The UID is a precondition. A label, unlike an eviction, is no worse for a pod that has changed since.
  const body = { metadata: { uid, labels: { [LABEL]: value } } };
  try {
    await api.write({ method: 'PATCH', path, body }, { timeoutMs: 5_000, signal });
    return { outcome: 'done', event: undefined };
  } catch (error) {
    // 422: another pod has that name, whose UID is not to be changed.
    if (error instanceof ApiError && [404, 409, 422].includes(error.status)) return GONE;
    return { outcome: 'failed', event: undefined, error };
  }
}
