import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type AttachmentRecord, parseRecord } from './attachment.ts';
import { codeOf, fileError } from './fileerror.ts';
import { redacted } from './redact.ts';

/** An attachment as the runtime names it. */
export type AttachmentId = Pick<AttachmentRecord, 'containerId' | 'ifName'>;

/**
 * Writes or replaces the record of an attachment, without secrets. A reader sees the old one or the new one, whole.
 *
 * Nothing is synced: what loses the page cache loses the netns too. It has to outlive this process only, and on a
 * busy disk one fsync costs more than all the rest of an ADD.
 *
 * @throws {CniError} `io`: one sentence that says what is wrong with the state directory
 */
export function writeRecord(stateDir: string, record: AttachmentRecord): void {
  const name = fileName(record);
  const directory = attachmentsIn(stateDir);
  try {
    makeDirectory(directory);
    const text = `${JSON.stringify(redacted(record))}\n`;
    replaceFile(directory, name, text);
  } catch (cause) {
    throw fileError(`cannot write record "${directory}/${name}"`, cause);
  }
}

/** The record of an attachment; undefined if there is none, or what is there is torn or not ours. */
export function readRecord(stateDir: string, id: AttachmentId): AttachmentRecord | undefined {
  const record = readFile(attachmentsIn(stateDir), fileName(id));
  // `a-b` + `c` and `a` + `b-c` share a file name.
  return record?.containerId === id.containerId && record.ifName === id.ifName ? record : undefined;
}

/**
 * Removes the record of an attachment, and what a killed run left of it. Nothing there is no error.
 *
 * @throws {CniError} `io`: one sentence that says what is wrong with the state directory
 */
export function removeRecord(stateDir: string, id: AttachmentId): void {
  const name = fileName(id);
  const directory = attachmentsIn(stateDir);
  const leftovers = entriesOf(directory).filter((entry) => attachmentOfTemporary(entry) === name);
  removeAll(directory, [name, ...leftovers]);
}

/**
 * All records, in the order of their file names; `[]` if there is no state directory.
 *
 * @throws {CniError} `io`: one sentence that says what is wrong with the state directory
 */
export function listRecords(stateDir: string): AttachmentRecord[] {
  const directory = attachmentsIn(stateDir);
  return entriesOf(directory).flatMap((name) => readFile(directory, name) ?? []);
}

/**
 * Removes the records of all attachments but the valid ones. Files that are not ours stay, and so does everything
 * if `valid` is undefined: the runtime gave no list.
 *
 * @returns the file names removed, sorted
 * @throws {CniError} `io`, after trying them all
 */
export function collectGarbage(
  stateDir: string,
  valid: readonly AttachmentId[] | undefined,
): string[] {
  if (!valid) return [];
  const directory = attachmentsIn(stateDir);
  const kept = new Set(valid.map(fileName));
  const stale = entriesOf(directory).filter((name) => {
    const temporaryOf = attachmentOfTemporary(name);
    if (temporaryOf !== undefined) return !kept.has(temporaryOf);
    return !kept.has(name) && isOurs(directory, name);
  });
  removeAll(directory, stale);
  return stale;
}

function attachmentsIn(stateDir: string): string {
  return `${stateDir}/attachments`;
}

function fileName({ containerId, ifName }: AttachmentId): string {
  const name = `${containerId}-${ifName}.json`;
  // The request's parser lets neither through; a path is no place to rely on that.
  if (!name.includes('/') && !name.includes('\0') && !name.startsWith('.')) return name;
  throw new RangeError(`cannot name a record "${name}": expected a container ID and an interface`);
}

/** Not `recursive` of Node.js: it calls a read-only file system a path that does not exist. */
function makeDirectory(path: string): void {
  // Nearly always it is, and an exception costs more than a look.
  if (existsSync(path)) return;
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT') throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, 0o700);
  }
}

function replaceFile(directory: string, name: string, text: string): void {
  const path = `${directory}/.${name}.${process.pid}.${process.hrtime.bigint().toString(36)}.tmp`;
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    renameSync(path, `${directory}/${name}`);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** `.<containerID>-<ifName>.json.<pid>.<time>.tmp` -> `<containerID>-<ifName>.json` */
function attachmentOfTemporary(name: string): string | undefined {
  return /^\.(.+\.json)\.[0-9]+\.[0-9a-z]+\.tmp$/.exec(name)?.[1];
}

function readFile(directory: string, name: string): AttachmentRecord | undefined {
  // Neither a symbolic link nor a pipe that nobody writes to is a record of ours.
  const flag = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const file = openSync(`${directory}/${name}`, flag);
    try {
      const record = parseRecord(readFileSync(file, 'utf8'));
      return record && fileName(record) === name ? record : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // What cannot be read explains nothing: all callers know what to do without.
  }
}

/** A power loss leaves files of ours empty; the directory is ours too, so an empty one of such a name is. */
function isOurs(directory: string, name: string): boolean {
  if (readFile(directory, name) !== undefined) return true;
  const status = lstatSync(`${directory}/${name}`, { throwIfNoEntry: false });
  const isNamed = /^[0-9A-Za-z][\w.-]*-[^/:\s]{1,15}\.json$/.test(name);
  return isNamed && status?.isFile() === true && status.size === 0;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw fileError(`cannot list records in "${directory}"`, cause);
  }
}

function removeAll(directory: string, names: readonly string[]): void {
  const failures = names.flatMap((name) => {
    try {
      unlinkSync(`${directory}/${name}`);
      return [];
    } catch (cause) {
      return codeOf(cause) === 'ENOENT'
        ? []
        : [fileError(`cannot remove "${directory}/${name}"`, cause)];
    }
  });
  const [first, ...more] = failures;
  if (first)
    throw more.length === 0
      ? first
      : fileError(first.message, new AggregateError(failures, 'and more'));
}
