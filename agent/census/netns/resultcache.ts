import { readdirSync, readFileSync } from 'node:fs';
import { isObject } from '../../../cni/facts/json.ts';

/** An attachment that the runtime keeps in mind until its DEL. */
export interface CachedResult {
  readonly uid: string;
  readonly netns: string;
}

/**
 * What libcni keeps of each ADD. Older ones (before 1.2, so containerd before 2.0) do not keep the netns.
 *
 * @see https://github.com/containernetworking/cni/blob/v1.2.0/libcni/api.go
 */
export function readResultCache(directory: string): CachedResult[] {
  return namesIn(directory).flatMap((name) => {
    try {
      return parseResult(readFileSync(`${directory}/${name}`, 'utf8')) ?? [];
    } catch {
      return []; // Removed meanwhile, or half written.
    }
  });
}

/** Reads `{"kind": "cniCacheV1", "cniArgs": [["K8S_POD_UID", …], …], "netns": "/var/run/netns/cni-…", …}`. */
export function parseResult(text: string): CachedResult | undefined {
  const value = JSON.parse(text) as unknown;
  if (!isObject(value) || typeof value.netns !== 'string' || !Array.isArray(value.cniArgs)) {
    return undefined;
  }
  const args: readonly unknown[] = value.cniArgs;
  const [, uid] = args.filter(isPair).find(([key]) => key === 'K8S_POD_UID') ?? [];
  return typeof uid === 'string' && uid !== '' ? { uid, netns: value.netns } : undefined;
}

function isPair(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // The runtime keeps it elsewhere, or keeps none.
  }
}
