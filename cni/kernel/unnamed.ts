import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Memory on every node; on hardened ones, some of these are full or read-only. */
const DIRECTORIES = ['/run', '/dev/shm', '/tmp'];

/** Node.js does not know the flag; O_DIRECTORY is a part of it. */
const O_TMPFILE = 0o20_000_000 | constants.O_DIRECTORY;

/** Opens a file without a name: nobody else can open it or find it later, and there is nothing to clean up. */
export function openUnnamed(directory: string, mode: number): number {
  return openSync(directory, O_TMPFILE | constants.O_RDWR | constants.O_EXCL, mode);
}

/**
 * What a program prints can be kept in such a file: read once, at the end, it costs Node.js less than a pipe.
 *
 * @returns undefined where no more files can be opened
 */
export function openScratch(count: number, directories = DIRECTORIES): number[] | undefined {
  for (const directory of directories) {
    const files: number[] = [];
    try {
      while (files.length < count) files.push(openUnnamed(directory, 0o600));
      return files;
    } catch {
      files.forEach(closeSync);
    }
  }
  return undefined;
}

/** All that was written to it, by whomever. */
export function readBack(file: number): string {
  const bytes = Buffer.allocUnsafe(fstatSync(file).size);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, length);
  }
  return bytes.toString('utf8', 0, length);
}
