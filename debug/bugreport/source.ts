import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the archive to be. */
export interface Source {
  /** In the archive. */
  readonly name: string;
  /** What is read or run, e.g. `read /etc/cni/net.d/10-a.conflist`; what `--dry-run` lists. */
  readonly what: string;
  readonly collect: (signal: AbortSignal) => Promise<string>;
}

/** Of one file of the archive. */
export const MAX_BYTES = 2 * 1024 * 1024;

/** A file as it is; of one that is too long, its end. */
export function fileSource(name: string, path: string): Source {
  return { name, what: `read ${path}`, collect: () => endOf(path) };
}

/** The files of a directory that match, newest first; `[]` where there is none. */
export async function filesIn(
  directory: string,
  { matches = /./, most, since = 0 }: { matches?: RegExp; most: number; since?: number },
): Promise<{ readonly name: string; readonly path: string }[]> {
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => matches.test(name))
      .map(async (name) => {
        const path = join(directory, name);
        const stats = await stat(path).catch(() => undefined);
        return { name, path, at: stats?.isFile() === true ? stats.mtimeMs : -1 };
      }),
  );
  return found
    .filter(({ at }) => at >= since)
    .sort((a, b) => b.at - a.at)
    .slice(0, most);
}

/** Files of /proc have no size, so that reading tells. */
async function endOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(MAX_BYTES),
      position: Math.max(0, size - MAX_BYTES),
    });
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
