import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { isObject } from '../cni/facts/json.ts';
import { type Api, ApiError } from './api.ts';

/** Keeps pods off a node until its agent is ready, if the node begins with it. */
export const TAINT = 'sluice.dev/agent-not-ready';

export interface TaintOptions {
  readonly api: Pick<Api, 'get' | 'write'>;
  readonly nodeName: string;
  readonly isReady: () => boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How often to see whether the agent is ready. */
  readonly checkMs?: number;
  /** How often to see whether the node has been made anew, with its taint. */
  readonly againMs?: number;
}

type Found = 'absent' | 'removed' | 'forbidden' | 'failed';

/** Takes the taint off the agent's own node whenever it is there and the agent ready, until aborted; never puts it there. */
export async function removeTaint(options: TaintOptions): Promise<void> {
  const { isReady, signal, checkMs = 500, againMs = 60_000 } = options;
  let before: Found | undefined;
  while (!signal.aborted) {
    if (!isReady()) {
      await pause(checkMs, signal);
      continue;
    }
    const { found, error } = await attempt(options);
    if (found === 'removed' || found !== before) tell(found, error, options);
    before = found;
    await pause(found === 'failed' ? checkMs * 4 : againMs, signal);
  }
}

function tell(found: Found, err: unknown, { log, nodeName, signal }: TaintOptions): void {
  const fields = { node: nodeName, taint: TAINT };
  if (found === 'removed') log.info(fields, 'the taint is removed');
  if (err === undefined || signal.aborted) return;
  log[found === 'forbidden' ? 'info' : 'warn']({ ...fields, err }, 'the taint is not looked after');
}

async function attempt({
  api,
  nodeName,
  signal,
}: TaintOptions): Promise<{ readonly found: Found; readonly error?: unknown }> {
  const path = `/api/v1/nodes/${encodeURIComponent(nodeName)}`;
  const limits = { timeoutMs: 5_000, signal };
  try {
    const { taints, resourceVersion } = readNode(await api.get(path, limits));
    const left = taints.filter((taint) => !isOurs(taint));
    if (left.length === taints.length) return { found: 'absent' };
    // The list is replaced as a whole: whoever changed it meanwhile must not lose a taint by that.
    const body = { metadata: { resourceVersion }, spec: { taints: left } };
    await api.write({ method: 'PATCH', path, body }, limits);
    return { found: 'removed' };
  } catch (error) {
    const status = error instanceof ApiError ? error.status : undefined;
    if (status === 403 || status === 404) return { found: 'forbidden', error };
    // A node changes every few seconds.
    return status === 409 ? { found: 'failed' } : { found: 'failed', error };
  }
}

function readNode(json: unknown): {
  readonly taints: readonly unknown[];
  readonly resourceVersion: unknown;
} {
  const { metadata, spec } = isObject(json) ? json : {};
  const { resourceVersion } = isObject(metadata) ? metadata : {};
  const { taints } = isObject(spec) ? spec : {};
  return { taints: Array.isArray(taints) ? (taints as unknown[]) : [], resourceVersion };
}

function isOurs(taint: unknown): boolean {
  return isObject(taint) && taint.key === TAINT;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
