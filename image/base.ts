import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type LockedPackage } from './lock.ts';
import { exists, packageFile, type Places } from './npm.ts';

export type Architecture = 'x64' | 'arm64';

/**
 * Puts the locked Node.js of an architecture where pkg keeps what it downloaded, so that it does not.
 *
 * @param home the folder that pkg is to take for the user's home
 * @throws {Error} when it cannot be had
 */
export async function provideBase(
  arch: Architecture,
  { locked, places, home }: { locked: LockedPackage; places: Places; home: string },
): Promise<void> {
  const folder = join(home, '.pkg-cache', 'sea', `node-v${locked.version}-linux-${arch}`);
  const binary = join(folder, 'bin', 'node');
  if (await exists(`${binary}.ok`)) return;

  await mkdir(dirname(binary), { recursive: true });
  const scratch = await mkdtemp(join(home, 'base-'));
  try {
    const copy = join(scratch, 'node');
    await copyFile(await packageFile(locked, 'bin/node', places), copy);
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
