import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory, goEnvironment } from '../support/libcni.ts';

/** Commands of one Go module. */
export interface GoProgram {
  readonly module: string;
  readonly version: string;
  /** Below the module, e.g. `cmd/crictl`. */
  readonly commands: readonly string[];
  /** The oldest Go that its go.mod allows. */
  readonly go: string;
  /** A variable that holds its version. */
  readonly stamp?: string;
}

/** Where programs are, or why there are none. */
export type Provided = { readonly directory: string } | { readonly missing: string };

/** What was built before. */
export async function findGoProgram(program: GoProgram): Promise<string | undefined> {
  const directory = placeOf(program);
  return access(directory).then(
    () => directory,
    () => undefined,
  );
}

/**
 * Builds programs with the machine's Go, once per version: later calls find them in the user's cache. Others go first
 * meanwhile.
 *
 * @throws {Error} with what Go said, when there is a Go and it cannot build them
 */
export async function provideGoProgram(program: GoProgram): Promise<Provided> {
  const found = await findGoProgram(program);
  if (found !== undefined) return { directory: found };
  const name = program.commands.map((command) => command.replace(/.*\//, '')).join(', ');
  const { failed } = await execa('go', ['version'], { env: goEnvironment(), reject: false });
  if (failed) return { missing: `there is no Go to build ${name} with` };
  say(`building ${name} ${program.version}, once, some minutes ...`);
  const directory = placeOf(program);
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    await build(program, unfinished);
    // Whoever built the same in the meantime was first, and what is there stays.
    if (!(await findGoProgram(program))) await rename(join(unfinished, 'bin'), directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { directory };
}

/** In a module of our own: `go install` refuses modules that replace others, which counts only in themselves. */
async function build(
  { module, version, commands, go, stamp }: GoProgram,
  cwd: string,
): Promise<void> {
  await writeFile(join(cwd, 'go.mod'), `module bed\n\ngo ${go}\n\nrequire ${module} ${version}\n`);
  await mkdir(join(cwd, 'bin'));
  const flags = stamp === undefined ? '' : ` -X ${stamp}=${version}`;
  const options = ['-mod=mod', '-trimpath', '-ldflags', `-s -w${flags}`, '-o', 'bin/'];
  const packages = commands.map((command) => `${module}/${command}`);
  await execa('nice', ['-n', '19', 'go', 'build', ...options, ...packages], {
    cwd,
    env: { ...goEnvironment(), CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false' },
    timeout: 1_200_000,
  });
}

function placeOf({ version, commands }: GoProgram): string {
  const [name = ''] = commands.map((command) => command.replace(/.*\//, ''));
  return join(cacheDirectory(), `${name}-${version}-${process.arch}`);
}

/** Where people look while nothing seems to happen. */
export function say(line: string): void {
  process.stderr.write(`bed: ${line}\n`);
}
