import { chmod, copyFile, lutimes, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Architecture } from './base.ts';
import { type Part, PLATFORMS } from './contents.ts';
import { exists } from './npm.ts';

/** Where unpacked Debian packages are, and for which architecture. */
export interface Unpacked {
  readonly root: string;
  readonly arch: Architecture;
}

/**
 * Copies the files of these parts, each to where `place` puts its name in the list. Modes depend on nothing but
 * the list; nobody gets a right by a set-user-ID bit.
 *
 * @throws {Error} naming a file that the packages do not have
 */
export async function copyParts(
  parts: readonly Part[],
  from: Unpacked,
  place: (file: string) => string,
): Promise<void> {
  for (const file of parts.flatMap(({ files }) => files)) {
    const source = await findUnpacked(file, from);
    const names = file.endsWith('/') ? (await readdir(source)).sort() : [''];
    for (const name of names) {
      await copyFor(file + name, join(source, name), place(file + name));
    }
  }
}

export async function addLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

/** Readable and executable for everyone: in a user namespace, root is another user. */
async function copyFor(file: string, source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, /^bin\/|^lib\/ld-/.test(file) ? 0o755 : 0o644);
}

async function findUnpacked(file: string, { root, arch }: Unpacked): Promise<string> {
  const [kind = '', name = ''] = file.split(/\/(.*)/);
  const { libraries } = PLATFORMS[arch];
  const folders = kind === 'bin' ? ['bin', 'sbin'] : [`lib/${libraries}`];
  const paths = ['', 'usr'].flatMap((top) =>
    folders.map((folder) => join(root, top, folder, name)),
  );
  for (const path of paths) if (await exists(path)) return path;
  throw new Error(
    `cannot find "${file}" in the Debian packages: expected one of ${paths.join(', ')}`,
  );
}

/** Lets nothing tell when and with which umask it was made. */
export async function withoutTraces(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const inside = entries.map((entry) => ({
    path: join(entry.parentPath, entry.name),
    isDirectory: entry.isDirectory(),
  }));
  for (const { path, isDirectory } of [...inside, { path: directory, isDirectory: true }]) {
    if (isDirectory) await chmod(path, 0o755);
    await lutimes(path, 0, 0);
  }
}
