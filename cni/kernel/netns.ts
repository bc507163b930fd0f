import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  statfsSync,
  statSync,
} from 'node:fs';

import { CniError, ErrorCode } from '../spec/error.ts';

/** A network namespace that is held open: whatever happens to its path, it stays this one. */
export interface Netns {
  readonly path: string;
  readonly fd: number;
  /** Identifies it while it lives, e.g. `4026532501`. */
  readonly inode: number;
}

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/magic.h */
const NSFS_MAGIC = 0x6e736673;

/**
 * Opens the netns of a pod.
 *
 * @throws {CniError} `unknownContainer` when nothing is at `path`; `invalidNetns` when it is no netns or the caller's own
 */
export function openNetns(path: string, ownNetns = '/proc/self/ns/net'): Netns {
  const netns = openAnyNetns(path);
  if (netns.inode !== statSync(ownNetns).ino) return netns;
  closeNetns(netns);
  throw unusable(path, "it is the runtime's own network namespace, not a pod's");
}

/** The same, the caller's own too: for whoever was asked to work on just that. @throws {CniError} */
export function openAnyNetns(path: string): Netns {
  const fd = open(path);
  if (isNetns(fd)) return { path, fd, inode: fstatSync(fd).ino };
  closeSync(fd);
  throw unusable(path, 'it is not a network namespace');
}

function unusable(path: string, complaint: string): CniError {
  return new CniError(ErrorCode.invalidNetns, `cannot use netns "${path}": ${complaint}`);
}

function open(path: string): number {
  try {
    // Not blocking: the path could name a FIFO.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');
    const code = missing ? ErrorCode.unknownContainer : ErrorCode.invalidNetns;
    throw new CniError(code, `cannot open netns "${path}"`, { cause });
  }
}

function isNetns(fd: number): boolean {
  if (statfsSync(`/proc/self/fd/${fd}`).type !== NSFS_MAGIC) return false;
  // `net:[4026532501]`, or the path again where it is mounted: that does not tell its kind.
  const [, kind = 'net'] = /^(\w+):\[\d+\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? [];
  return kind === 'net';
}

export function closeNetns({ fd }: Netns): void {
  closeSync(fd);
}
