import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../cni/fileerror.ts';

/** Lines on disk, of which the last ones stay. */
export interface Ring {
  /** Takes a line to be written behind. Never throws. */
  readonly keep: (line: string) => void;
  /** How many lines the disk does not hold yet. */
  readonly waiting: () => number;
  /** Resolves when the disk holds what was taken, or refuses to. */
  readonly flush: () => Promise<void>;
}

export interface RingOptions {
  readonly directory: string;
  /** Of the newer file: `<name>.jsonl`. */
  readonly name: string;
  /** Of each of the two files: the older one goes when the newer one is full. */
  readonly maxBytes: number;
  /** Told once until it succeeds again. */
  readonly onFailure: (error: unknown) => void;
}

/** So many characters wait for a slow disk, and no more. */
const MAX_WAITING = 4 * 1024 * 1024;

export function createRing(options: RingOptions): Ring {
  let waiting: string[] = [];
  let length = 0;
  let writing = 0;
  let hasFailed = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting;
      [waiting, length, writing] = [[], 0, lines.length];
      try {
        await append(lines, options);
        hasFailed = false;
      } catch (error) {
        // What could not be written is lost: it is in the log and, while the pod lives, in its record.
        if (!hasFailed) options.onFailure(error);
        hasFailed = true;
      }
      writing = 0;
    }
  };
  return {
    keep: (line) => {
      if (length + line.length > MAX_WAITING) return;
      waiting.push(line);
      length += line.length;
      running ??= drain().finally(() => {
        running = undefined;
      });
    },
    waiting: () => waiting.length + writing,
    flush: () => running ?? Promise.resolve(),
  };
}

/** What is kept, oldest first; torn lines are among them. `[]` if nothing ever was. */
export async function readRing({
  directory,
  name,
}: Pick<RingOptions, 'directory' | 'name'>): Promise<string[]> {
  const lines: string[] = [];
  for (const file of [older(name), newer(name)]) {
    const text = await readFile(join(directory, file), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    lines.push(...text.split('\n').filter((line) => line !== ''));
  }
  return lines;
}

function newer(name: string): string {
  return `${name}.jsonl`;
}

function older(name: string): string {
  return `${name}.1.jsonl`;
}

/** Begins with a line feed: the line before it may have been torn by a power loss. */
async function append(
  lines: readonly string[],
  { directory, name, maxBytes }: RingOptions,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, newer(name));
  const text = `\n${lines.join('\n')}\n`;
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0 && size + Buffer.byteLength(text) > maxBytes) {
    await rename(path, join(directory, older(name)));
  }
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}
