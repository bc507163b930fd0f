import { closeNetns, type Netns } from '../../../cni/kernel/netns.ts';
import { podUidOfProcess, startOf } from './cgroup.ts';
import { openForeign } from './open.ts';

/**
 * Opens the netns of the pod's oldest process: younger ones may have made a netns of their own.
 *
 * The process may end meanwhile and its number become another's, so the netns is opened once, and then the process is
 * asked again whether it is still the same, and still the pod's.
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
    const netns = openForeign(`${procDir}/${pid}/ns/net`, procDir);
    if (!netns) continue;
    const uid = podUidOfProcess(procDir, pid);
    if (uid !== undefined && uids.includes(uid) && startOf(procDir, pid) === startedAt)
      return netns;
    closeNetns(netns);
  }
  return undefined;
}
