import { readdirSync, readFileSync } from 'node:fs';

/**
 * The pod that a cgroup belongs to, as kubelet names it with either driver and in either version:
 * `0::/kubepods.slice/kubepods-pod4f0c_….slice/cri-containerd-….scope`, `4:cpu:/kubepods/burstable/pod4f0c-…/…`.
 *
 * The outermost counts: whoever may make cgroups inside a pod may give them any name.
 */
export function podUidOf(cgroup: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    const segments = line.replace(/^\d+:[^:]*:/, '').split('/');
    for (const segment of segments) {
      const [, uid] =
        /^(?:kubepods(?:-\w+)?-)?pod([0-9a-f][0-9a-f_-]{31,35})(?:\.slice)?$/.exec(segment) ?? [];
      if (uid !== undefined) return uid.replaceAll('_', '-');
    }
  }
  return undefined;
}

/** How many are looked at before others get their turn. */
const AT_ONCE = 100;

/** The processes of each pod, by its UID. */
export async function podProcesses(
  procDir: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  const pids = namesIn(procDir).filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    const uid = podUidOfProcess(procDir, Number(pid));
    if (uid !== undefined) found.set(uid, [...(found.get(uid) ?? []), Number(pid)]);
  }
  return found;
}

/** Undefined also for a process that is gone. */
export function podUidOfProcess(procDir: string, pid: number): string | undefined {
  return podUidOf(read(`${procDir}/${pid}/cgroup`));
}

/** `1234 (any ) name) S 1 …`: the 22nd field. Undefined for a process that is gone. */
export function startOf(procDir: string, pid: number): number | undefined {
  const stat = read(`${procDir}/${pid}/stat`);
  const started = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ')[19];
  return started === undefined ? undefined : Number(started);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // The agent does not see the host's processes.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It has just ended.
  }
}
