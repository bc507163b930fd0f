import { readdirSync, readFileSync } from 'node:fs';
import { killGroup } from './exec.ts';

/**
 * Kills a process and all that it has started, each with its group: of a plugin, the programs that it runs, which are in
 * groups of their own. What a killed one has left before, nobody finds any more.
 */
export function killTree(pid: number): void {
  const tree = new Set([pid]);
  // A process that is stopped starts no other, so that at some time all are known.
  for (let known = 0; known < tree.size;) {
    for (const each of [...tree].slice(known)) signalOne(each, 'SIGSTOP');
    known = tree.size;
    for (const [child, parent] of parents()) if (tree.has(parent)) tree.add(child);
  }
  for (const each of tree) {
    killGroup(each);
    signalOne(each, 'SIGKILL');
  }
}

/**
 * Each process's parent, a parent before its children wherever numbers have not come round. `[]` where they cannot be
 * listed: what is stopped already is killed then, and no more is found.
 */
function parents(): [pid: number, parent: number][] {
  return processes()
    .sort((a, b) => a - b)
    .flatMap((pid) => {
      const parent = parentOf(pid);
      return parent === undefined ? [] : [[pid, parent]];
    });
}

/** Undefined if it has just ended. */
function parentOf(pid: number): number | undefined {
  try {
    // The name of the program comes before, and may hold anything.
    const [, rest = ''] = /^.*\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(rest);
  } catch {
    return undefined;
  }
}

function signalOne(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
