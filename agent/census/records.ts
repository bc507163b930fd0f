import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { type AttachmentRecord, parseRecord } from '../../cni/attachment.ts';

/** A file as it was read: each comes to its place by a rename, so another one has another inode. */
interface Read {
  readonly inode: number;
  readonly changedAt: number;
  /** Undefined for what is torn, or not ours. */
  readonly record: AttachmentRecord | undefined;
}

/** The records of the node's ADDs. One that has not changed is not read again: each is some 30 KB. */
export function createRecords(stateDir: string): () => readonly AttachmentRecord[] {
  const directory = `${stateDir}/attachments`;
  let known: ReadonlyMap<string, Read> = new Map();
  return () => {
    const names = namesIn(directory).filter((name) => /^[^.].*\.json$/.test(name));
    known = new Map(
      names.flatMap((name) => {
        const read = readAgain(`${directory}/${name}`, known.get(name));
        return read ? [[name, read] as const] : [];
      }),
    );
    return [...known.values()].flatMap(({ record }) => record ?? []);
  };
}

function readAgain(path: string, before: Read | undefined): Read | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isFile() !== true) return undefined;
  const { ino: inode, ctimeMs: changedAt } = status;
  if (before?.inode === inode && before.changedAt === changedAt) return before;
  return { inode, changedAt, record: readRecord(path) };
}

function readRecord(path: string): AttachmentRecord | undefined {
  try {
    return parseRecord(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // Removed meanwhile: netns are found by other means.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // Nothing was ever added on this node, or nothing that can be read.
  }
}
