import { statSync } from 'node:fs';
import { closeNetns, type Netns } from '../../../cni/kernel/netns.ts';
import { podUidOfProcess, startOf } from './cgroup.ts';
import { openForeign } from './open.ts';

/**
 * Opens the netns of the pod's oldest process: younger ones may have made a netns of their own, or gone to the host's.
 *
 * The process may end meanwhile and its number become another's, so the netns is opened once, and then the process is
 * asked again whether it is still the same, still the pod's, and still not in the host's netns.
 *
 * @param uids the pod's; a static one has two
 */
export function openByProcess(
  pids: readonly number[],
  { uids, procDir }: { uids: readonly string[]; procDir: string },
): Netns | undefined {
  const processes = pids
    .flatMap((pid) => {
      const startedAt = startOf(procDir, pid);
      return startedAt === undefined ? [] : [{ pid, startedAt }];
    })
    .sort((one, other) => one.startedAt - other.startedAt || one.pid - other.pid);
  for (const { pid, startedAt } of processes) {
    if (sharesHosts(procDir, pid)) continue;
    const netns = openForeign(`${procDir}/${pid}/ns/net`, procDir);
    if (!netns) continue;
    const uid = podUidOfProcess(procDir, pid);
    const isSame = startOf(procDir, pid) === startedAt && !sharesHosts(procDir, pid);
    if (uid !== undefined && uids.includes(uid) && isSame) return netns;
    closeNetns(netns);
  }
  return undefined;
}

/**
 * Whether a process is in the netns of the host's first process; true also where that cannot be told.
 *
 * Where AppArmor keeps us from `/proc/1/ns/net`, this still tells: each netns has files of its own in `/proc/<pid>/net`.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/fs/proc/proc_net.c
 */
function sharesHosts(procDir: string, pid: number): boolean {
  const hosts = deviceList(procDir, 1);
  return hosts === undefined || hosts === deviceList(procDir, pid);
}

/** The inode of the list of network devices that a process sees. */
function deviceList(procDir: string, pid: number): number | undefined {
  try {
    return statSync(`${procDir}/${pid}/net/dev`).ino;
  } catch {
    return undefined;
  }
}
