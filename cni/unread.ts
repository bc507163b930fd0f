import { closing, emptyRecord, recordedError, type Requested } from './draft.ts';
import { type Host } from './host.ts';
import { parsePodRef, type PodRef } from './spec/args.ts';
import { parseEntry } from './spec/config.ts';
import { type CniError } from './spec/error.ts';
import { type JsonObject } from './spec/json.ts';
import { type Invocation } from './spec/request.ts';
import { KEYS, readKey } from './spec/settings.ts';

/**
 * Tells the agent of an ADD whose request cannot be read, with what can be. Nothing is written: there may be no container
 * to name a record after. Where stdin does not say where the agent listens, it is told where it does by default.
 */
export async function tellUnread(
  { env, stdin }: Invocation,
  failure: CniError,
  host: Pick<Host, 'versions' | 'postEvent'>,
): Promise<void> {
  const entry = entryIn(stdin);
  const requested: Requested = {
    containerId: env.CNI_CONTAINERID ?? '',
    ifName: env.CNI_IFNAME ?? '',
    netns: { path: env.CNI_NETNS ?? '', inode: undefined },
    pod: podIn(env.CNI_ARGS ?? ''),
    request: {
      cniVersion: text(entry.cniVersion),
      network: text(entry.name),
      podAnnotations: undefined,
    },
    warnings: [],
  };
  const record = emptyRecord(requested, host);
  await host.postEvent(readKey(entry.agentSocket, KEYS.agentSocket), {
    ...record,
    ...closing('failed', record),
    error: recordedError(failure),
  });
}

function entryIn(stdin: string): JsonObject {
  try {
    return parseEntry(stdin);
  } catch {
    return {}; // what is wrong with it is the failure that is told
  }
}

function podIn(args: string): PodRef | undefined {
  try {
    return parsePodRef(args);
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
