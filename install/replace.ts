import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, fileError } from '../cni/fileerror.ts';

/** One operation on the disk. */
export type Run = <T>(operation: string, path: string, act: () => Promise<T>) => Promise<T>;

/** What a file is to become. */
export interface Replacement {
  readonly content: { readonly text: string } | { readonly copyOf: string };
  /** Of a new file; one that is there keeps its mode and owner, unless `keepsMode` is false. */
  readonly mode: number;
  readonly keepsMode?: boolean;
  /** Of directories that have to be made; by default root's alone. */
  readonly directoryMode?: number;
  /** Where the new file is written first, in the same file system; beside the old one if absent. */
  readonly stageIn?: string;
  /** The last word: if it throws, the old file stays. It is given the path of the new one. */
  readonly check?: (staged: string) => Promise<void>;
}

/** Not a name that a runtime would load: those end in `.conf`, `.conflist` or `.json`. */
export function stagedIn(directory: string): string {
  return join(directory, `.sluice-${randomBytes(8).toString('hex')}.tmp`);
}

export function isStaged(name: string): boolean {
  return /^\.sluice-[0-9a-f]{16}\.tmp$/.test(name);
}

export async function discardStaged(run: Run, path: string): Promise<void> {
  await run('unlink', path, () => fs.rm(path, { recursive: true, force: true }));
}

/**
 * Replaces a file so that whoever reads it, at any moment and after a power loss, finds the old one or the new one,
 * whole. A link stays a link, and what it points to is replaced.
 *
 * @throws {CniError} `io`, or whatever `check` throws; there is no trace of the new file then
 */
export async function replaceFile(run: Run, path: string, wanted: Replacement): Promise<void> {
  const old = await existing(path);
  const target = old?.target ?? path;
  const directory = wanted.stageIn ?? dirname(target);
  const staged = stagedIn(directory);
  try {
    await explained(path, async () => {
      await makeDirectory(run, dirname(target), wanted.directoryMode);
      await makeDirectory(run, directory, wanted.directoryMode);
      await stage(run, staged, { ...wanted, old: old?.stats });
    });
    await wanted.check?.(staged);
    await explained(path, async () => {
      await run('rename', target, () => fs.rename(staged, target));
      await sync(run, dirname(target));
    });
  } catch (error) {
    await discardStaged(run, staged).catch(() => undefined); // the first failure says more
    throw error;
  }
}

/** Makes a file, or the names in a directory, last. */
export async function sync(run: Run, path: string): Promise<void> {
  const handle = await run('open', path, () => fs.open(path, 'r'));
  try {
    await run('fsync', path, () => handle.sync());
  } finally {
    await handle.close();
  }
}

async function stage(
  run: Run,
  path: string,
  { content, mode, keepsMode = true, old }: Replacement & { readonly old: Stats | undefined },
): Promise<void> {
  if ('text' in content) {
    const options = { flag: 'wx', mode: 0o600 };
    await run('write', path, () => fs.writeFile(path, content.text, options));
  } else {
    const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
    const flags = COPYFILE_EXCL | COPYFILE_FICLONE;
    await run('copy', path, () => fs.copyFile(content.copyOf, path, flags));
  }
  const { uid, gid } = await fs.stat(path);
  if (old && (old.uid !== uid || old.gid !== gid)) {
    await run('chown', path, () => fs.chown(path, old.uid, old.gid));
  }
  const bits = old && keepsMode ? old.mode & 0o7777 : mode;
  await run('chmod', path, () => fs.chmod(path, bits));
  await sync(run, path);
}

async function makeDirectory(run: Run, path: string, mode = 0o700): Promise<void> {
  const first = await run('mkdir', path, () => fs.mkdir(path, { recursive: true, mode }));
  if (first !== undefined) await sync(run, dirname(first));
}

async function existing(
  path: string,
): Promise<{ readonly target: string; readonly stats: Stats } | undefined> {
  try {
    const target = await fs.realpath(path);
    return { target, stats: await fs.stat(target) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError(`cannot write "${path}"`, error);
  }
}

async function explained(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    throw fileError(`cannot write "${path}"`, cause);
  }
}
