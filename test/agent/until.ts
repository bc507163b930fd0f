import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds; the runner's time-out is the limit. */
export async function until(holds: () => unknown): Promise<void> {
  while (!(await holds())) await sleep(5);
}
