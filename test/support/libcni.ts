import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** The folder with `cnitool`, `bridge`, `host-local` and `portmap`, or why there is none. */
export type Libcni = { readonly directory: string } | { readonly missing: string };

const cni = 'v1.3.0';
const plugins = 'v1.9.1';
const source = 'github.com/containernetworking';
/** What is named together is of one module, and built by one command. */
const wanted = {
  [`cnitool ${cni}`]: [`${source}/cni/cnitool@${cni}`],
  [`bridge, host-local and portmap ${plugins}`]: [
    `${source}/plugins/plugins/main/bridge@${plugins}`,
    `${source}/plugins/plugins/ipam/host-local@${plugins}`,
    `${source}/plugins/plugins/meta/portmap@${plugins}`,
  ],
};
/** The 1.24.2 of these plugins' go.mod. */
const oldestGo = [24, 2] as const;

/**
 * Builds the real libcni and the reference plugins with the machine's Go, once per version: later calls find
 * them in the user's cache. Which proxy the modules come through is Go's own configuration.
 *
 * @throws {Error} with what Go said, when there is a Go and it cannot build them
 */
export async function provideLibcni(): Promise<Libcni> {
  const directory = join(cacheDirectory(), `cni-${cni}-plugins-${plugins}-${process.arch}`);
  if (await isThere(directory)) return { directory };
  const missing = await whyNoGo();
  if (missing !== undefined) return { missing };
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    for (const [name, packages] of Object.entries(wanted)) {
      say(`building ${name}, once, up to a minute ...`);
      await install(packages, unfinished);
    }
    // Whoever built the same in the meantime was first, and what is there stays.
    if (!(await isThere(directory))) await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { directory };
}

async function install(packages: readonly string[], directory: string): Promise<void> {
  await execa('go', ['install', '-trimpath', ...packages], {
    cwd: directory,
    env: { ...goEnvironment(), GOBIN: directory, CGO_ENABLED: '0' },
    timeout: 500_000,
  });
}

async function whyNoGo(): Promise<string | undefined> {
  const { failed, stdout } = await execa('go', ['env', 'GOVERSION'], {
    env: goEnvironment(),
    reject: false,
  });
  if (failed) return 'there is no Go to build cnitool with';
  const [, minor, patch = '0'] = /^go1\.(\d+)(?:\.(\d+))?/.exec(stdout) ?? [];
  const [oldest, oldestPatch] = oldestGo;
  if (minor === undefined || Number(minor) > oldest) return undefined;
  if (Number(minor) === oldest && Number(patch) >= oldestPatch) return undefined;
  return `Go 1.${oldest}.${oldestPatch} or later is wanted to build cnitool, and this is ${stdout}`;
}

/** Go's own installation puts itself where few PATHs lead. */
export function goEnvironment(): { readonly PATH: string } {
  return { PATH: `${process.env.PATH ?? ''}:/usr/local/go/bin` };
}

/** What is built once for all clones of this user. */
export function cacheDirectory(): string {
  // By its specification, an empty variable is none.
  const { XDG_CACHE_HOME = '' } = process.env;
  return join(XDG_CACHE_HOME === '' ? join(homedir(), '.cache') : XDG_CACHE_HOME, 'sluice');
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Where people look while nothing seems to happen. */
export function say(line: string): void {
  process.stderr.write(`libcni: ${line}\n`);
}
