import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where programs are, and what starts them. */
export interface Place {
  readonly directories: readonly string[];
  /** The words before a program's own path; none where the kernel finds its loader and libraries by itself. */
  readonly loader: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Distributions keep iptables in one of these; the order is part of the contract. */
const HOST: Place = {
  directories: ['/usr/sbin', '/sbin', '/usr/bin', '/bin'],
  loader: [],
  env: {},
};

/**
 * A directory of programs, or a tool box: one with `bin`, and in `lib` all that its programs load, first of all the
 * loader. That makes them run on hosts with another C library or none, wherever the box lies.
 *
 * @param toolsDir undefined: where distributions keep their programs
 */
export function placeOf(toolsDir: string | undefined): Place {
  if (toolsDir === undefined) return HOST;
  const lib = join(toolsDir, 'lib');
  const loader = loaderIn(lib);
  if (loader === undefined) return { directories: [toolsDir], loader: [], env: {} };
  return {
    directories: [join(toolsDir, 'bin')],
    // The host's cache of libraries is about libraries for another loader.
    loader: [join(lib, loader), '--inhibit-cache', '--library-path', lib],
    env: { XTABLES_LIBDIR: join(lib, 'xtables') },
  };
}

/** Where the installer puts the tools of a version. */
export function toolboxPath(executable: string, version: string): string {
  return join(dirname(executable), '.sluice', version);
}

/** The same; undefined until they are all there: the installer puts the loader last. */
export function toolboxBeside(executable: string, version: string): string | undefined {
  const path = toolboxPath(executable, version);
  return loaderIn(join(path, 'lib')) === undefined ? undefined : path;
}

function loaderIn(lib: string): string | undefined {
  return namesIn(lib).find((name) => /^ld-.*\.so/.test(name));
}

function namesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
