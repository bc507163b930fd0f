import { dirname, join } from 'node:path';
import { toolboxBeside, toolboxPath } from '../cni/kernel/place.ts';
import { VERSION } from '../cni/version.ts';
import { executablePath, type InstallConfig } from './config.ts';
import { type Files } from './files.ts';
import { createComparison } from './same.ts';

/** The tools beside the executable on the node. */
export interface Toolbox {
  /** Those of this version, in the image; undefined where it has none. */
  readonly path: string | undefined;
  /** Puts them on the node, or puts right what is not as it was. @throws {CniError} `io` */
  readonly keep: () => Promise<void>;
  /** Removes those of other versions, once no ADD uses them; to be called while the executable is right. */
  readonly removeOld: () => Promise<void>;
}

interface Options {
  readonly files: Files;
  /** In milliseconds, on any clock that only goes forward. */
  readonly now: () => number;
  readonly version?: string;
}

/**
 * Kubelet gives a sandbox four minutes for everything, and an ADD that undoes takes seconds more: whatever was started
 * by an executable that is not there any more has ended by then.
 */
export const LONGEST_ADD_MS = 10 * 60_000;

export function createToolbox(
  config: Pick<InstallConfig, 'source' | 'binDir'>,
  { files, now, version = VERSION }: Options,
): Toolbox {
  const source = toolboxBeside(config.source, version);
  const target = toolboxPath(executablePath(config), version);
  const isSame = createComparisons();
  let rightSince: number | undefined;
  return {
    path: source,
    keep: async () => {
      if (source === undefined) return;
      for (const name of await filesBelow(source, files)) {
        const [from, to] = [join(source, name), join(target, name)];
        if (await isSame(to, from)) continue;
        const mode = isProgram(name) ? 0o755 : 0o644;
        await files.replace(to, { content: { copyOf: from }, mode, keepsMode: false });
      }
    },
    removeOld: async () => {
      const { directories: found } = await files.list(dirname(target));
      rightSince ??= now();
      for (const old of oldVersions(found, { current: version, rightForMs: now() - rightSince })) {
        await files.removeTree(join(dirname(target), old));
      }
    },
  };
}

/**
 * The versions whose tools nothing uses any more.
 *
 * An ADD uses the tools of its own version, and the executable of another version cannot be started since it was
 * replaced: it is enough to wait for the longest ADD, without looking at the node's processes.
 *
 * @param rightForMs for how long the executable of the current version has been seen in its place
 */
export function oldVersions(
  found: readonly string[],
  { current, rightForMs }: { readonly current: string; readonly rightForMs: number },
): string[] {
  return rightForMs < LONGEST_ADD_MS ? [] : found.filter((version) => version !== current);
}

/** What a link in the image points to becomes a file: links can be made only where nothing is. */
async function filesBelow(directory: string, files: Files): Promise<string[]> {
  const { files: names, directories } = await files.list(directory);
  const below = await Promise.all(
    directories.map(async (each) =>
      (await filesBelow(join(directory, each), files)).map((name) => join(each, name)),
    ),
  );
  return [...below.flat(), ...names];
}

/** For everyone: in a pod's own user namespace, root is another user. */
function isProgram(name: string): boolean {
  return /^bin\/|^lib\/ld-/.test(name);
}

/** Each pair is remembered on its own. */
function createComparisons(): (path: string, other: string) => Promise<boolean> {
  const comparisons = new Map<string, ReturnType<typeof createComparison>>();
  return async (path, other) => {
    const compare = comparisons.get(path) ?? createComparison();
    comparisons.set(path, compare);
    return compare(path, other).catch(() => false); // not there
  };
}
