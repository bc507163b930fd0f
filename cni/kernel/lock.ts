import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { CniError, ErrorCode } from '../spec/error.ts';
import { type Netns } from './netns.ts';

/**
 * Makes whoever programs this netns the only one, until `release` or the process's end, however it ends.
 *
 * The lock is an abstract Unix socket: the kernel frees its name with the process, so that a killed ADD
 * leaves no stale lock. The name lives in the network namespace of the runtime, where every plugin runs.
 *
 * @param timeoutMs how long to wait for another holder
 * @throws {CniError} `tryAgainLater`
 * @see https://man7.org/linux/man-pages/man7/unix.7.html
 */
export async function lockNetns(netns: Netns, timeoutMs: number): Promise<{ release(): void }> {
  const name = `sluice/netns/${netns.inode}`;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const server = createServer();
    server.listen(`\0${name}`);
    try {
      await once(server, 'listening');
      server.unref();
      return {
        release: () => {
          server.close();
        },
      };
    } catch (cause) {
      if (performance.now() > deadline) {
        const message = `cannot program netns "${netns.path}" within ${Math.round(timeoutMs)} ms: another process holds its lock @${name}`;
        throw new CniError(ErrorCode.tryAgainLater, message, { cause });
      }
      await sleep(5);
    }
  }
}
