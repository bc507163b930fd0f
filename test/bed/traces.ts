import { globSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** What machines whose files are in one directory have of this one now. */
export interface Traces {
  /** In that directory. */
  readonly files: readonly string[];
  /** Those that have it in their command or among their mounts, which nobody in a machine is without. */
  readonly processes: readonly Process[];
  /** Of those processes, other than ours: as `net:[4026532008]`. */
  readonly netns: readonly string[];
  /** Of those processes. */
  readonly groups: readonly string[];
}

export interface Process {
  readonly pid: number;
  readonly command: string;
}

export async function tracesOf(directory: string): Promise<Traces> {
  const processes: Process[] = [];
  const [netns, groups] = [new Set<string>(), new Set<string>()];
  for (const pid of await pids()) {
    const [command, mounts] = [await read(pid, 'cmdline'), await read(pid, 'mountinfo')];
    if (!`${command} ${mounts}`.includes(basename(directory))) continue;
    processes.push({ pid, command: command.replaceAll('\0', ' ').trim() });
    netns.add(await netnsOf(pid));
    const [group] = /sluice-bed-\d+/.exec(await read(pid, 'cgroup')) ?? [];
    if (group !== undefined) groups.add(group);
  }
  const foreign = [...netns].filter((each) => each !== '');
  const own = await netnsOf(process.pid);
  return {
    files: (await readdir(directory)).sort(),
    processes,
    netns: foreign.filter((each) => each !== own),
    groups: [...groups],
  };
}

/** What of it is still there, or again, a line each. */
export async function remainsOf(directory: string, before: Traces): Promise<string[]> {
  const { files, processes } = await tracesOf(directory);
  const users: string[] = [];
  for (const pid of await pids()) {
    const seen = [await netnsOf(pid), await read(pid, 'mountinfo')].join('\n');
    const held = before.netns.filter((each) => seen.includes(each));
    users.push(...held.map((each) => `${each} of process ${pid}`));
  }
  const groups = before.groups.flatMap((group) => globSync(`/sys/fs/cgroup/*/${group}`));
  const lines = processes.map(({ pid, command }) => `process ${pid}: ${command}`);
  return [...files, ...lines, ...users, ...groups];
}

async function pids(): Promise<number[]> {
  return (await readdir('/proc')).map(Number).filter(Number.isInteger);
}

/** Nothing, of a process that has just ended. */
function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}

function netnsOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`).catch(() => '');
}
