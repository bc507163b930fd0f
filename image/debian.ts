import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export interface DebianPackage {
  readonly name: string;
  /** What Debian says of it: `Package: …`, `Version: …` and so on. */
  readonly control: string;
}

/**
 * Fetches packages from where the machine's apt gets its own, which checks them, and unpacks all into one directory.
 *
 * @param say is told what takes a while
 * @throws {Error} when apt cannot fetch them
 */
export async function unpackPackages(
  names: readonly string[],
  { archives, root, say }: { archives: string; root: string; say: (line: string) => void },
): Promise<readonly DebianPackage[]> {
  say(`fetching ${names.length} Debian packages …`);
  await download(names, archives, say);
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb')).sort();
  const packages: DebianPackage[] = [];
  for (const file of files.map((name) => join(archives, name))) {
    await execa('dpkg-deb', ['--extract', file, root]);
    const { stdout: control } = await execa('dpkg-deb', ['--field', file]);
    const { stdout: name } = await execa('dpkg-deb', ['--field', file, 'Package']);
    packages.push({ name, control: `${control}\n` });
  }
  return packages;
}

async function download(
  names: readonly string[],
  cwd: string,
  say: (line: string) => void,
): Promise<void> {
  // Root's own directory is not to be read by the user that apt would become.
  const options = ['-q', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2'];
  const apt = (words: readonly string[]) =>
    execa('apt-get', [...options, ...words], { cwd, env: { LC_ALL: 'C' }, timeout: 300_000 });
  try {
    await apt(['download', ...names]);
  } catch {
    // Lists of packages grow old, and machines without any are common.
    say('asking apt for its lists of packages …');
    await apt(['update']).catch(() => undefined); // a source that is not needed may fail
    await apt(['download', ...names]);
  }
}
