import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isObject } from '../../cni/facts/json.ts';

/** How the runtime calls a pod's attachment, for a record where our ADD has left none. */
export interface Attachment {
  readonly containerId: string;
  readonly ifName: string;
  readonly network: string;
}

/**
 * What libcni has written down of the pod's ADDs, the newest first; loopback is none.
 *
 * @see https://github.com/containernetworking/cni/blob/v1.2.0/libcni/api.go
 */
export function attachmentOf(uids: readonly string[], resultsDir: string): Attachment | undefined {
  const [newest] = namesIn(resultsDir)
    .flatMap((name) => readAttachment(`${resultsDir}/${name}`, uids) ?? [])
    .sort((one, other) => other.at - one.at);
  if (newest === undefined) return undefined;
  const { containerId, ifName, network } = newest;
  return { containerId, ifName, network };
}

function readAttachment(
  path: string,
  uids: readonly string[],
): (Attachment & { readonly at: number }) | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (!isObject(value) || !Array.isArray(value.cniArgs)) return undefined;
    const args: readonly unknown[] = value.cniArgs;
    const isOfPod = args.some(
      (pair) => Array.isArray(pair) && pair[0] === 'K8S_POD_UID' && uids.includes(String(pair[1])),
    );
    const { containerId, ifName, networkName: network } = value;
    if (!isOfPod || ifName === 'lo') return undefined;
    if (typeof containerId !== 'string' || typeof ifName !== 'string') return undefined;
    if (typeof network !== 'string') return undefined;
    return { containerId, ifName, network, at: statSync(path).mtimeMs };
  } catch {
    return undefined; // Removed meanwhile, or half written.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // The runtime keeps it elsewhere, or keeps none.
  }
}
