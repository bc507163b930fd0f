import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import { getSystemErrorName } from 'node:util';

import { openUnnamed } from './unnamed.ts';

/** What we use of koffi. @see https://koffi.dev/functions */
export interface Koffi {
  readonly load: (path: null) => { readonly func: (prototype: string) => SystemCall };
  readonly errno: () => number;
}
export type SystemCall = (...words: (number | Uint8Array)[]) => number;

/** Where a library may be mapped from; on hardened nodes, some of these are full, read-only or `noexec`. */
const DIRECTORIES = [dirname(process.execPath), '/run', '/dev/shm', '/tmp'];

/**
 * Asks a file descriptor for what Node.js cannot ask.
 *
 * @throws {Error} when koffi cannot be loaded, or with the kernel's answer, e.g. `EPERM`
 */
export function ioctl(fd: number, request: number): number {
  const { load, errno } = (koffi ??= loadKoffi());
  const result = load(null).func('int ioctl(int, ulong, ...)')(fd, request);
  if (result !== -1) return result;
  throw new Error(`cannot ask the kernel: ioctl says ${getSystemErrorName(-errno())}`);
}

let koffi: Koffi | undefined;

/** @throws {AggregateError} */
export function loadKoffi(directories: readonly string[] = DIRECTORIES): Koffi {
  const library = readLibrary();
  const failures: unknown[] = [];
  for (const directory of directories) {
    try {
      return loadFrom(directory, library);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `cannot load koffi from any of ${directories.join(', ')}`);
}

function readLibrary(): Uint8Array {
  if (isSea()) return new Uint8Array(getRawAsset('koffi.node'));
  const { arch } = process;
  const folder = `../../node_modules/@koromix/koffi-linux-${arch}/linux_${arch}`;
  return readFileSync(join(import.meta.dirname, folder, 'koffi.node'));
}

/** Nobody else can open the file, so there is nothing to verify. */
function loadFrom(directory: string, library: Uint8Array): Koffi {
  const fd = openUnnamed(directory, 0o500);
  try {
    writeFileSync(fd, library);
    const addon: { readonly exports: Partial<Koffi> } = { exports: {} };
    process.dlopen(addon, `/proc/self/fd/${fd}`);
    const { load, errno } = addon.exports;
    if (load && errno) return { load, errno };
    throw new Error(`cannot use koffi in "${directory}": it lacks load and errno`);
  } finally {
    closeSync(fd);
  }
}
