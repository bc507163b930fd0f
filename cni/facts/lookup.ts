import { lookup as resolveName } from 'node:dns';
import { type LookupFunction } from 'node:net';

let pending = 0;

/** Resolves a name as the whole node does: `/etc/hosts`, nsswitch, search domains. */
export const lookup: LookupFunction = (hostname, options, done) => {
  pending += 1;
  resolveName(hostname, options, (...found) => {
    pending -= 1;
    done(...found);
  });
};

/**
 * Whether a name is still being resolved, for somebody who may have given up long ago. Nothing can call that off: the C
 * library waits for a mute name server up to a minute and more, in a thread that the end of a process waits for.
 *
 * @see https://github.com/libuv/libuv/blob/v1.51.0/src/threadpool.c uv__threadpool_cleanup()
 */
export function isResolving(): boolean {
  return pending > 0;
}
