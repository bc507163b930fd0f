/**
 * Whether a name is still being resolved, for somebody who may have given up long ago. Nothing can call that off: the C
 * library waits for a mute name server up to a minute and more, in a thread that the end of a process waits for.
 *
 * @see https://github.com/libuv/libuv/blob/v1.51.0/src/threadpool.c uv__threadpool_cleanup()
 */
export function isResolving(): boolean {
  return process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
}
