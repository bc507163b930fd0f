import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** Something that would go on for ten minutes, and that can be told from all else on the machine. */
export interface Hanging {
  /** For a shell. */
  readonly command: string;
  /** How many processes run it. */
  readonly running: () => number;
}

export function hanging(): Hanging {
  const seconds = `600.${randomInt(1e9, 1e10)}`;
  const isIt = (pid: string): boolean => {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words[0] === 'sleep' && words[1] === seconds;
  };
  return { command: `sleep ${seconds}`, running: () => processes(isIt).length };
}

/** Those in the netns of this inode. */
export function processesIn(netns: number): string[] {
  return processes((pid) => statSync(`/proc/${pid}/ns/net`).ino === netns);
}

/** Of all on this machine, those of which it holds. */
function processes(holds: (pid: string) => boolean): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return holds(pid);
    } catch {
      return false; // It has just ended.
    }
  });
}
