import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyRuntime } from '../../image/rootfs.ts';
import { provideUnpacked } from '../../image/toolbox.ts';

const root = join(import.meta.dirname, '../..');

/** The tool box as the build leaves it; without Debian's archive, there is none. */
export const toolbox = join(root, 'dist/tools');

export function hasToolbox(): boolean {
  return existsSync(join(toolbox, 'bin/nsenter'));
}

const BIN = 'opt/cni/bin';

/**
 * Makes a root file system with nothing in it but what the executable loads, and the CNI bin dir with the plugin and
 * its tool box: neither iptables nor nsenter nor a shell.
 *
 * @param shared a directory that is seen under the same path in there
 * @returns a command that takes an executable behind its own words, with its arguments, and runs it there as the plugin
 */
export async function createBareRoot(
  directory: string,
  shared: string,
): Promise<readonly string[]> {
  const bare = join(directory, 'bare');
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const silent = (): void => undefined;
  await mkdir(bare);
  await copyRuntime(await provideUnpacked(arch, silent), bare);
  for (const name of ['proc', 'sys', 'run/netns', BIN, shared]) {
    await mkdir(join(bare, name), { recursive: true });
  }
  const box = join(bare, BIN, '.sluice', await ownVersion());
  await cp(toolbox, box, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(bare, BIN, 'sluice-cni'), '');
  await chmod(directory, 0o755);
  const script = [
    ...['/proc', '/sys', '/run/netns', shared].map(
      (each) => `mount --rbind ${each} ${bare}${each}`,
    ),
    `mount --bind "$1" ${bare}/${BIN}/sluice-cni`,
    `shift; exec chroot ${bare} /${BIN}/sluice-cni "$@"`,
  ];
  return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec', script.join('\n'), 'sh'];
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
