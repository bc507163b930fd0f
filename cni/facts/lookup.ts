import { lookup as resolveName } from 'node:dns';
import { type LookupFunction } from 'node:net';

let pending = 0;
process.once('exit', endNow);

/**
 * Resolves a name as the whole node does (`/etc/hosts`, search domains), which nothing can call off: the C library waits
 * for a mute name server up to a minute and more, in a thread that the end of a process waits for. A failure that has
 * been told must not wait: the process is killed then.
 *
 * @see https://github.com/libuv/libuv/blob/v1.51.0/src/threadpool.c#L166-L188 joins its threads
 */
export const lookup: LookupFunction = (hostname, options, done) => {
  pending += 1;
  resolveName(hostname, options, (...found) => {
    pending -= 1;
    done(...found);
  });
};

function endNow(exitCode: number): void {
  if (pending > 0 && exitCode !== 0) process.kill(process.pid, 'SIGKILL');
}
