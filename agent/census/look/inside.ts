import { closeSync, openSync } from 'node:fs';
import { type Libc, required } from './libc.ts';

const CLONE_NEWNET = 0x40000000;

/**
 * Does synchronous work in a netns and comes back. Only this thread goes there: what Node.js does meanwhile in its other
 * threads stays where it was, and nothing else runs in this one.
 *
 * @param home this thread's own netns
 * @throws {Error} when it cannot be entered
 */
export function inside<T>(libc: Libc, { netns, home }: Visit, work: () => T): T {
  required(libc, 'setns', libc.setns(netns, CLONE_NEWNET));
  try {
    return work();
  } finally {
    // In a pod's netns the agent would serve its port to that pod, and enter others from there.
    if (libc.setns(home, CLONE_NEWNET) !== 0) process.abort();
  }
}

export interface Visit {
  /** File descriptors. */
  readonly netns: number;
  readonly home: number;
}

/** Of the thread, not of the process: only the first thread's is both. */
export function openHome(): { readonly home: number; readonly close: () => void } {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  return {
    home,
    close: () => {
      closeSync(home);
    },
  };
}
