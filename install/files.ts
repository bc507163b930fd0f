import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, fileError } from '../cni/fileerror.ts';
import { type NetFile } from './netdir.ts';
import {
  discardStaged,
  isStaged,
  replaceFile,
  type Replacement,
  type Run,
  stagedIn,
  sync,
} from './replace.ts';
import { createComparison } from './same.ts';

/** Called before each operation on the disk: a test can end the process there, or let the operation fail. */
export type BeforeEach = (operation: string, path: string) => void;

/** The only way to the disk. */
export interface Files {
  /** Sorted; nothing where there is no directory. */
  readonly list: (directory: string) => Promise<Entries>;
  /** Undefined where there is no file. */
  readonly read: (path: string) => Promise<NetFile | undefined>;
  /** @see replaceFile */
  readonly replace: (path: string, replacement: Replacement) => Promise<void>;
  /** Nothing there is no error. By way of another directory, whoever watches only that one notices it too. */
  readonly remove: (path: string, via?: string) => Promise<void>;
  readonly isExecutable: (path: string) => Promise<boolean>;
  readonly isSame: (path: string, other: string) => Promise<boolean>;
  readonly removeTree: (directory: string) => Promise<void>;
  /** Removes a directory if it is empty. */
  readonly removeEmpty: (directory: string) => Promise<void>;
  /** Removes what killed runs have left. */
  readonly sweep: (directory: string) => Promise<void>;
}

export interface Entries {
  readonly files: readonly string[];
  readonly directories: readonly string[];
}

/** A pipe or a device must neither block nor fill us. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

export function createFiles(beforeEach: BeforeEach = () => undefined): Files {
  const run: Run = async (operation, path, act) => {
    beforeEach(operation, path);
    return act();
  };
  return {
    list: (directory) => list(run, directory),
    read: (path) => read(run, path),
    replace: (path, replacement) => replaceFile(run, path, replacement),
    remove: (path, via) =>
      removing(path, async () => {
        const last = via === undefined ? path : stagedIn(via);
        if (last !== path) await run('rename', path, () => fs.rename(path, last));
        await run('unlink', last, () => fs.unlink(last));
        await sync(run, dirname(path));
      }),
    isExecutable: (path) =>
      fs.access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    isSame: createComparison(),
    removeTree: (directory) =>
      removing(directory, () =>
        run('rm', directory, () => fs.rm(directory, { recursive: true, force: true })),
      ),
    removeEmpty: (directory) =>
      removing(directory, () =>
        run('rmdir', directory, () => fs.rmdir(directory)).catch((error: unknown) => {
          // In a container it is mounted, and its parent perhaps read-only: it stays, empty.
          if (!['EBUSY', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
        }),
      ),
    sweep: async (directory) => {
      const { files, directories } = await list(run, directory);
      const staged = [...files, ...directories].filter(isStaged);
      for (const name of staged) await discardStaged(run, join(directory, name));
    },
  };
}

async function list(run: Run, directory: string): Promise<Entries> {
  try {
    const found = await run('readdir', directory, () =>
      fs.readdir(directory, { withFileTypes: true }),
    );
    const names = (isDirectory: boolean): string[] =>
      found.flatMap((each) => (each.isDirectory() === isDirectory ? [each.name] : [])).sort();
    return { files: names(false), directories: names(true) };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return { files: [], directories: [] };
    throw fileError(`cannot list "${directory}"`, cause);
  }
}

async function read(run: Run, path: string): Promise<NetFile | undefined> {
  const name = basename(path);
  try {
    const handle = await run('open', path, () => fs.open(path, READ));
    try {
      if (!(await handle.stat()).isFile()) return { name, problem: 'is not a file' };
      const bytes = await run('read', path, () => handle.readFile());
      return { name, text: decode(bytes) };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') return { name, problem: `cannot be read: ${reason(cause)}` };
    return (await isLink(path)) ? { name, problem: 'is a link to nothing here' } : undefined;
  }
}

/** Exactly, or not at all: what is read is written again. */
function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

async function isLink(path: string): Promise<boolean> {
  const status = await fs.lstat(path).catch(() => undefined);
  return status?.isSymbolicLink() ?? false;
}

async function removing(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    // Gone, or in use by somebody else: both are as it should be.
    if (['ENOENT', 'ENOTEMPTY'].includes(codeOf(cause) ?? '')) return;
    throw fileError(`cannot remove "${path}"`, cause);
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
