import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until it holds, which it must in time; says what it waits for when that takes a while. */
export async function untilTrue(
  what: string,
  holds: () => Promise<boolean>,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number | undefined } = {},
): Promise<void> {
  const startedAt = performance.now();
  let toldAt = startedAt;
  while (!(await holds())) {
    const now = performance.now();
    if (now - startedAt > timeoutMs) {
      throw new Error(`waited in vain for ${timeoutMs / 1_000} s until ${what}`);
    }
    if (now - toldAt > 5_000) {
      toldAt = now;
      say(`waiting until ${what} (${Math.round((now - startedAt) / 1_000)} s) ...`);
    }
    await sleep(200);
  }
}

/** Where people look while nothing seems to happen. */
export function say(line: string): void {
  process.stderr.write(`cluster: ${line}\n`);
}
