import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type LockedPackage } from './lock.ts';

export type Architecture = 'x64' | 'arm64';

/**
 * Puts the locked Node.js of an architecture where pkg keeps what it downloaded, so that it does not.
 *
 * @param home the folder that pkg is to take for the user's home
 * @throws {Error} when the package is neither installed nor to be had from the registry as locked
 */
export async function provideBase(
  arch: Architecture,
  { locked, modules, home }: { locked: LockedPackage; modules: string; home: string },
): Promise<void> {
  const folder = join(home, '.pkg-cache', 'sea', `node-v${locked.version}-linux-${arch}`);
  const binary = join(folder, 'bin', 'node');
  if (await exists(`${binary}.ok`)) return;

  await mkdir(dirname(binary), { recursive: true });
  const scratch = await mkdtemp(join(home, 'base-'));
  try {
    const installed = join(modules, locked.name, 'bin', 'node');
    const copy = join(scratch, 'node');
    await copyFile((await exists(installed)) ? installed : await fetchNode(locked, scratch), copy);
    await chmod(copy, 0o755);
    // Size only. binutils knows its own architecture, so a foreign binary keeps its symbols.
    if (arch === process.arch) await execa('strip', ['-s', copy]);
    await rename(copy, binary);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  // An empty archive and pkg's own marks that archive and binary are complete.
  for (const mark of [`${folder}.tar.gz`, `${folder}.tar.gz.ok`, `${binary}.ok`]) {
    await writeFile(mark, '');
  }
}

/** npm installs only the packages of its own platform; the others it hands out as tarballs. */
async function fetchNode(
  { name, version, integrity }: LockedPackage,
  scratch: string,
): Promise<string> {
  const where = [
    '--pack-destination',
    scratch,
    '--prefer-offline',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retries=1',
  ];
  try {
    await execa('npm', ['pack', `${name}@${version}`, ...where], { timeout: 300_000 });
  } catch (cause) {
    throw new Error(`cannot fetch ${name}@${version}: expected npm to reach its registry`, {
      cause,
    });
  }
  const tarball = join(scratch, `${name}-${version}.tgz`);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`;
  if (found !== integrity) {
    throw new Error(`cannot use ${name}@${version}: expected ${integrity}, got ${found}`);
  }
  await execa('tar', ['-xzf', tarball, '-C', scratch, 'package/bin/node']);
  return join(scratch, 'package', 'bin', 'node');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
