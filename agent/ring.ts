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
  /** Of each of the two files, and of what waits for them: the older one goes when the newer one is full. */
  readonly maxBytes: number;
  /** Told once until it succeeds again. */
  readonly onFailure: (error: unknown) => void;
}

const LINE_FEED = Buffer.from('\n');

export function createRing(options: RingOptions): Ring {
  // What waits is one write, which has to go into one file.
  const mostWaiting = options.maxBytes - LINE_FEED.length;
  let waiting: Buffer[] = [];
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
      const bytes = Buffer.from(`${line}\n`);
      if (bytes.length > mostWaiting) return;
      waiting.push(bytes);
      length += bytes.length;
      while (length > mostWaiting) length -= waiting.shift()?.length ?? length;
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
  lines: readonly Buffer[],
  { directory, name, maxBytes }: RingOptions,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, newer(name));
  const bytes = Buffer.concat([LINE_FEED, ...lines]);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0 && size + bytes.length > maxBytes) {
    await rename(path, join(directory, older(name)));
  }
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
