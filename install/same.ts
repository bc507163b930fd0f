import { type BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;

/** Whether two files hold the same. Read only once for as long as both stay the same inodes, unwritten. */
export function createComparison(): (path: string, other: string) => Promise<boolean> {
  let seen = { key: '', isSame: false };
  return async (path, other) => {
    const handles: FileHandle[] = [];
    try {
      for (const each of [path, other]) handles.push(await open(each, 'r'));
      const stats = await Promise.all(handles.map((handle) => handle.stat({ bigint: true })));
      const key = stats.map(identity).join(' ');
      if (key !== seen.key) seen = { key, isSame: await holdSame(handles) };
      return seen.isSame;
    } finally {
      for (const handle of handles) await handle.close();
    }
  };
}

function identity({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

/** In two buffers only: new ones for each chunk cost the agent 27 MB, which it kept. */
async function holdSame(handles: readonly FileHandle[]): Promise<boolean> {
  const buffers = handles.map(() => Buffer.allocUnsafeSlow(CHUNK_BYTES));
  for (;;) {
    const chunks: Buffer[] = [];
    for (const [i, handle] of handles.entries()) {
      const { buffer, bytesRead } = await handle.read({ buffer: buffers[i], position: null });
      chunks.push(buffer.subarray(0, bytesRead));
    }
    const [first = Buffer.alloc(0), ...others] = chunks;
    if (others.some((chunk) => !chunk.equals(first))) return false;
    if (first.length === 0) return true;
  }
}
