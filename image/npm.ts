import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { type LockedPackage } from './lock.ts';

/** Where files of packages are looked for, and kept if they had to be fetched. */
export interface Places {
  readonly modules: string;
  readonly cache: string;
  /** Puts the tarball of a package, e.g. `yaml@2.9.1`, into a folder; says so if it takes a while. */
  readonly pack: (id: string, folder: string) => Promise<void>;
}

/**
 * The path of a package's file. npm installs only the packages of its own platform; those of others are fetched as
 * tarballs, checked against the lockfile, and kept.
 *
 * @throws {Error} when the package is neither installed nor to be had from the registry as locked
 */
export async function packageFile(
  locked: LockedPackage,
  file: string,
  { modules, cache, pack }: Places,
): Promise<string> {
  const installed = join(modules, locked.name, file);
  if (await exists(installed)) return installed;
  const kept = join(cache, `${basename(locked.name)}-${locked.version}`, file);
  if (await exists(kept)) return kept;

  await mkdir(dirname(kept), { recursive: true });
  const scratch = await mkdtemp(join(cache, 'fetch-'));
  try {
    const tarball = await checkedTarball(locked, scratch, pack);
    await execa('tar', ['-xzf', tarball, '-C', scratch, `package/${file}`]);
    await rename(join(scratch, 'package', file), kept);
    return kept;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Fetches by npm, which knows how to reach the registry. */
export async function npmPack(id: string, folder: string): Promise<void> {
  const where = ['--pack-destination', folder, '--prefer-offline'];
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retries=1'];
  await execa('npm', ['pack', id, ...where, ...patience], { timeout: 300_000 });
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function checkedTarball(
  { name, version, integrity }: LockedPackage,
  scratch: string,
  pack: Places['pack'],
): Promise<string> {
  const id = `${name}@${version}`;
  try {
    await pack(id, scratch);
  } catch (cause) {
    throw new Error(`cannot fetch ${id}: expected npm to reach its registry`, { cause });
  }
  const tarball = join(
    scratch,
    (await readdir(scratch)).find((file) => file.endsWith('.tgz')) ?? '',
  );
  const hash = createHash('sha512').update(await readFile(tarball));
  const found = `sha512-${hash.digest('base64')}`;
  if (found === integrity) return tarball;
  throw new Error(`cannot use ${id}: expected ${integrity}, got ${found}`);
}
