import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttachmentRecord, parseRecord } from '../cni/attachment.ts';
import { codeOf } from '../cni/fileerror.ts';
import { redacted } from '../cni/redact.ts';

/** The last ADDs that the plugin told of, on disk: those of pods that are gone as well. */
export interface History {
  /** Takes a record to be written behind. Never throws. */
  readonly keep: (record: AttachmentRecord) => void;
  /** Resolves when the disk holds what was taken, or refuses to. */
  readonly flush: () => Promise<void>;
}

export interface HistoryOptions {
  readonly stateDir: string;
  /** Of each of the two files: the older one goes when the newer one is full. */
  readonly maxBytes?: number;
  /** Told once until it succeeds again. */
  readonly onFailure: (error: unknown) => void;
}

const [NEWER, OLDER] = ['adds.jsonl', 'adds.1.jsonl'];
/** A record with the rules of an ordinary pod has a quarter of this. */
const MAX_LINE = 64 * 1024;
/** So many characters wait for a slow disk, and no more. */
const MAX_WAITING = 4 * 1024 * 1024;

export function createHistory(options: HistoryOptions): History {
  const { stateDir, maxBytes = 4 * 1024 * 1024, onFailure } = options;
  let waiting: string[] = [];
  let length = 0;
  let hasFailed = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting;
      [waiting, length] = [[], 0];
      try {
        await append(historyIn(stateDir), lines, maxBytes);
        hasFailed = false;
      } catch (error) {
        // What could not be written is lost: it is in the log and, while the pod lives, in its record.
        if (!hasFailed) onFailure(error);
        hasFailed = true;
      }
    }
  };
  return {
    keep: (record) => {
      const line = lineOf(record);
      if (line === undefined || length + line.length > MAX_WAITING) return;
      waiting.push(line);
      length += line.length;
      running ??= drain().finally(() => {
        running = undefined;
      });
    },
    flush: () => running ?? Promise.resolve(),
  };
}

/** What is kept, oldest first; lines that are torn or not ours are passed over. `[]` if nothing ever was. */
export async function readHistory(stateDir: string): Promise<AttachmentRecord[]> {
  const records: AttachmentRecord[] = [];
  for (const name of [OLDER, NEWER]) {
    const text = await readFile(join(historyIn(stateDir), name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    records.push(...text.split('\n').flatMap((line) => parseRecord(line) ?? []));
  }
  return records;
}

function historyIn(stateDir: string): string {
  return join(stateDir, 'history');
}

/** Begins with a line feed: the line before it may have been torn by a power loss. */
async function append(
  directory: string,
  lines: readonly string[],
  maxBytes: number,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, NEWER);
  const text = `\n${lines.join('\n')}\n`;
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0 && size + Buffer.byteLength(text) > maxBytes) {
    await rename(path, join(directory, OLDER));
  }
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Without secrets; without its rules, and in the end its facts, where it would be too long. Undefined for half a record. */
function lineOf(record: AttachmentRecord): string | undefined {
  try {
    const whole = redacted(record);
    const parts = [
      {},
      { rules: undefined },
      { rules: undefined, facts: undefined, decision: undefined, warnings: [] },
    ];
    const texts = parts.map((without) => JSON.stringify({ ...whole, ...without }));
    return texts.find((text) => text.length <= MAX_LINE);
  } catch {
    return undefined;
  }
}
