import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname } from 'node:path';

import { CniError, ErrorCode } from '../spec/error.ts';
import { type Netns } from './netns.ts';

/** Only root gets in: nobody else can hold a lock, or keep a netns from being programmed. */
export const LOCKS = '/run/sluice/locks';
const PAUSE_MS = 5;
/** Between the two steps of becoming a listening socket, one that is alive refuses connections, too. */
const SURELY_DEAD_MS = 50;

/**
 * Makes whoever programs this netns the only one, until `release` or the process's end, however it ends.
 *
 * The lock is a listening Unix socket: whether its holder lives is asked by connecting to it, so that a killed ADD's
 * lock is told from a held one, from other containers and network namespaces of the node as well.
 *
 * @param timeoutMs how long to wait for another holder
 * @throws {CniError} `tryAgainLater`
 * @see https://man7.org/linux/man-pages/man7/unix.7.html
 */
export async function lockNetns(
  netns: Netns,
  timeoutMs: number,
  directory = LOCKS,
): Promise<{ release(): void }> {
  const path = lockPath(netns, directory);
  const deadline = performance.now() + timeoutMs;
  let refusing: { readonly inode: number; readonly since: number } | undefined;
  for (;;) {
    const server = createServer((holderIsAsked) => holderIsAsked.destroy());
    server.listen(path);
    try {
      await once(server, 'listening');
      return held(server);
    } catch (cause) {
      if (performance.now() > deadline) throw taken(netns, { path, timeoutMs, cause });
    }
    const inode = await refusingInode(path);
    if (inode === undefined) refusing = undefined;
    else if (refusing?.inode !== inode) refusing = { inode, since: performance.now() };
    else if (performance.now() - refusing.since > SURELY_DEAD_MS) removeLeftover(path, inode);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Where the directory cannot be made (a read-only /run), a name that the kernel frees by itself. */
function lockPath({ inode }: Netns, directory: string): string {
  try {
    // Not `recursive` of Node.js, which may never return where a parent takes no directories.
    for (const each of [dirname(directory), directory]) {
      if (!existsSync(each)) makeDirectory(each);
    }
    return `${directory}/${inode}`;
  } catch {
    return `\0${directory}/${inode}`;
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (!existsSync(path)) throw error; // else another ADD was quicker
  }
}

function held(server: Server): { release(): void } {
  server.unref();
  return {
    release: () => {
      server.close();
    },
  };
}

/** The inode of a socket file that nobody listens on; undefined if somebody does, or it is gone. */
async function refusingInode(path: string): Promise<number | undefined> {
  const inode = inodeOf(path);
  if (inode === undefined) return undefined;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return undefined;
  } catch {
    return inode;
  } finally {
    socket.destroy();
  }
}

function removeLeftover(path: string, inode: number): void {
  if (inodeOf(path) === inode) rmSync(path, { force: true });
}

function inodeOf(path: string): number | undefined {
  if (path.startsWith('\0')) return undefined;
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function taken(
  { path: netns }: Netns,
  { path, timeoutMs, cause }: { path: string; timeoutMs: number; cause: unknown },
): CniError {
  const holder = `another process holds its lock ${path.replace('\0', '@')}`;
  const message = `cannot program netns "${netns}" within ${Math.round(timeoutMs)} ms: ${holder}`;
  return new CniError(ErrorCode.tryAgainLater, message, { cause });
}
