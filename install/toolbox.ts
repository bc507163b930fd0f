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
  /** Where they are written before they go to their places on the node. */
  readonly staging: string;
  /** Puts them on the node, or puts right what is not as it was. @throws {CniError} `io` @throws {Error} when aborted */
  readonly keep: (signal?: AbortSignal) => Promise<void>;
  /** Removes those of other versions, once no ADD uses them; to be called whenever the executable is seen to be right. */
  readonly removeOld: () => Promise<void>;
  /** Another executable is there, or was: an ADD of its version may run. */
  readonly waitAgain: () => void;
}

interface Options {
  readonly files: Files;
  /** In milliseconds, on any clock that only goes forward. */
  readonly now: () => number;
  readonly version?: string;
}

/**
 * An ADD uses the tools of its own version, and an executable that was replaced starts none: it is enough to wait for
 * the longest ADD, without looking at the node's processes, which the agent does not see. Kubelet gives a sandbox four
 * minutes for everything, and an ADD that undoes takes seconds more.
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
    staging: dirname(target),
    keep: async (signal) => {
      if (source === undefined) return;
      const names = await filesBelow(source, files);
      // The plugin takes a box for whole once it has its loader.
      for (const name of [...names.filter((each) => !isLoader(each)), ...names.filter(isLoader)]) {
        const [from, to] = [join(source, name), join(target, name)];
        signal?.throwIfAborted();
        if (await isSame(to, from)) continue;
        const modes = { mode: isProgram(name) ? 0o755 : 0o644, directoryMode: 0o755 };
        const content = { copyOf: from };
        await files.replace(to, { content, ...modes, keepsMode: false, stageIn: dirname(target) });
      }
    },
    removeOld: async () => {
      rightSince ??= now();
      if (now() - rightSince < LONGEST_ADD_MS) return;
      const { directories } = await files.list(dirname(target));
      for (const old of directories.filter((each) => each !== version)) {
        await files.removeTree(join(dirname(target), old));
      }
    },
    waitAgain: () => {
      rightSince = undefined;
    },
  };
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
  return name.startsWith('bin/') || isLoader(name);
}

function isLoader(name: string): boolean {
  return name.startsWith('lib/ld-');
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
