import { type AttachmentRecord } from '../../../cni/attachment.ts';
import { closeNetns, type Netns } from '../../../cni/kernel/netns.ts';
import { isThisPod, type Pod, uidsOnNode } from '../../pod.ts';
import { type FoundNetns } from '../finding.ts';
import { podProcesses } from './cgroup.ts';
import { openForeign } from './open.ts';
import { openByProcess } from './process.ts';
import { type CachedResult, readResultCache } from './resultcache.ts';

/** A pod's netns, held open until closed: whatever happens to its path, it stays this one. */
export interface PodNetns {
  readonly netns: Netns;
  readonly source: FoundNetns['source'];
  /** Of the ADD that programmed it, if it was ours. */
  readonly record: AttachmentRecord | undefined;
}

export interface Places {
  readonly records: () => readonly AttachmentRecord[];
  /** Where the runtime keeps its results: `/var/lib/cni/results`. */
  readonly resultsDir: string;
  /** Where the host's processes are. */
  readonly procDir: string;
}

/** Opens the netns of a pod; undefined if it is not to be found, which a pod that is not started yet has not. */
export type Locate = (pod: Pod) => Promise<PodNetns | undefined>;

/**
 * A search, by what is there at its first question: the record of our ADD, else the runtime's results, else the
 * processes in the pod's cgroup. It never yields the host's netns, nor looks for one for a pod that has the host's.
 */
export function createLocate({ records, resultsDir, procDir }: Places): Locate {
  const recorded = once(records);
  const cached = once(() => Map.groupBy(readResultCache(resultsDir), ({ uid }) => uid));
  const processes = once(() => podProcesses(procDir));

  return async (pod) => {
    if (pod.spec.hostNetwork) return undefined;
    const own = recordsOf(pod, recorded());
    const uids = uidsOnNode(pod);
    const byRecord = openRecorded(own, procDir);
    if (byRecord) return byRecord;
    const results = uids.flatMap((uid) => cached().get(uid) ?? []);
    const byResult = openCached(results, procDir);
    if (byResult) return { ...byResult, record: recordFor(own, byResult.netns) };
    const found = await processes();
    const pids = uids.flatMap((uid) => found.get(uid) ?? []);
    const netns = openByProcess(pids, { uids, procDir });
    return netns && { netns, source: 'cgroup', record: recordFor(own, netns) };
  };
}

/** The newest first: a pod whose sandbox was made anew may have several. */
function recordsOf(pod: Pod, records: readonly AttachmentRecord[]): AttachmentRecord[] {
  const { namespace, name } = pod.metadata;
  return records
    .filter(
      (record) =>
        record.pod?.namespace === namespace &&
        record.pod.name === name &&
        isThisPod(pod, record.pod.uid),
    )
    .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
}

function openRecorded(records: readonly AttachmentRecord[], procDir: string): PodNetns | undefined {
  for (const record of records) {
    const { path, inode } = record.netns;
    // The number of a process may be another's by now; its cgroup tells.
    if (inode === undefined || path.startsWith('/proc/')) continue;
    const netns = openForeign(visible(path), procDir);
    if (netns?.inode === inode) return { netns, source: 'record', record };
    if (netns) closeNetns(netns);
  }
  return undefined;
}

function openCached(
  results: readonly CachedResult[],
  procDir: string,
): Pick<PodNetns, 'netns' | 'source'> | undefined {
  for (const { netns: path } of results) {
    const netns = path.startsWith('/proc/') ? undefined : openForeign(visible(path), procDir);
    if (netns) return { netns, source: 'result-cache' };
  }
  return undefined;
}

function recordFor(
  records: readonly AttachmentRecord[],
  { inode }: Netns,
): AttachmentRecord | undefined {
  return records.find((record) => record.netns.inode === inode);
}

/** Runtimes say `/var/run/netns/…`; in our image there is no such link. */
function visible(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/');
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
