import { readFile, readdir, rm } from 'node:fs/promises';
import { netnsNames, removeNetns } from '../test/support/netns.ts';

const owned = /^sluice-demo-(\d+)(?:-|$)/;

/** Everything of a run is called so: netns `…-<role>` and the directory, which only root can make. */
export function demoName(pid: number): string {
  return `sluice-demo-${pid}`;
}

export function demoDirectory(pid: number): string {
  return `/var/lib/${demoName(pid)}`;
}

/**
 * Removes what runs that were killed have left behind. A run that still goes on keeps its own.
 *
 * @returns the names of what was removed
 */
export async function removeLeftovers(): Promise<readonly string[]> {
  const netns = await stale(await netnsNames());
  for (const name of netns) await removeNetns(name);
  const directories = await stale(await readdir('/var/lib'));
  for (const name of directories) await rm(`/var/lib/${name}`, { recursive: true });
  return [...netns, ...directories];
}

async function stale(names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const pid = owned.exec(name)?.[1];
    if (pid !== undefined && !(await isDemo(pid))) found.push(name);
  }
  return found;
}

/** A process with that number may be another one by now. */
async function isDemo(pid: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return /demo\/(screens\/)?main\.ts/.test(command);
}
