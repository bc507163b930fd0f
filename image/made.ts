import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes a file or directory unless it is there and was made of exactly this; whoever finds it finds it whole.
 *
 * @param key all that decides what comes out
 * @param make puts it where it is told, in a directory that is gone afterwards
 * @returns whether it had to be made
 */
export async function madeOf(
  key: string,
  output: string,
  make: (path: string, scratch: string) => Promise<void>,
): Promise<boolean> {
  const wanted = createHash('sha256').update(key).digest('hex');
  const mark = `${output}.key`;
  const found = await readFile(mark, 'utf8').catch(() => ''); // never made, or cleaned away
  if (found === wanted && (await stat(output).catch(() => undefined))) return false;
  const scratch = await mkdtemp(join(dirname(output), '.build-'));
  try {
    const made = join(scratch, 'made');
    await make(made, scratch);
    await rm(mark, { force: true });
    await rm(output, { recursive: true, force: true });
    await rename(made, output);
    await writeFile(mark, wanted);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return true;
}

/** Bytes of all files below a directory; links have none of their own. */
export async function sizeOf(directory: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return size;
}

/** `12.3 MB` */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
