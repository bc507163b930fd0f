import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';

/** Major 1, minor 3. */
const DEV_NULL = 0x103;

/** Far beyond any network configuration, and far below what V8 can hold as one text. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Sleeps without giving up the thread: nothing else goes on while we wait for our caller. */
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** All of stdin, until its end; empty on a terminal. @throws {RangeError} when there is too much of it */
export function readStdin(): string {
  return fstatSync(0).isCharacterDevice() ? '' : readToEnd(0, Infinity);
}

/** What stdin holds if it ends within `patienceMs`, else what has come by then. For VERSION, which may come without any. */
export function readStdinIfThere(patienceMs: number): string {
  if (fstatSync(0).isFile()) return readFileSync(0, 'utf8');
  if (!fstatSync(0).isFIFO()) return '';
  // Opened anew, because the flag would otherwise stay with whoever shares the pipe.
  const fd = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readToEnd(fd, patienceMs);
  } finally {
    closeSync(fd);
  }
}

function readToEnd(fd: number, patienceMs: number): string {
  const chunks: Buffer[] = [];
  let size = 0;
  const until = performance.now() + patienceMs;
  const chunk = Buffer.allocUnsafe(65_536);
  for (;;) {
    try {
      const length = readSync(fd, chunk);
      if (length === 0) break;
      size += length;
      if (size > MAX_BYTES) throw new RangeError('expected at most 64 MiB');
      chunks.push(Buffer.from(chunk.subarray(0, length)));
    } catch (error) {
      if (!isAgain(error)) throw error;
      if (performance.now() > until) break;
      wait(1);
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Writes all of `text`; false when nobody reads it, not within `patienceMs`, or the disk behind it is full. */
export function writeFully(fd: number, text: string, patienceMs = Infinity): boolean {
  const until = performance.now() + patienceMs;
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isAgain(error) || performance.now() > until) return false;
      wait(1);
    }
  }
  return true;
}

/**
 * Whether we were started without this descriptor: Node.js then opens /dev/null in its place, for reading too,
 * so that writing succeeds although nobody ever learns of it.
 *
 * @see https://github.com/nodejs/node/blob/v22.23.3/src/node.cc
 */
export function wasClosed(fd: number): boolean {
  if (fstatSync(fd).rdev !== DEV_NULL) return false;
  const [, flags = ''] =
    /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return (parseInt(flags, 8) & constants.O_RDWR) !== 0;
}

function isAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
