import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PLATFORMS, runtime } from './contents.ts';
import { type Debian, makeToolbox } from './toolbox.ts';
import { addLink, copyParts, type Unpacked } from './tree.ts';

/** Puts what the executable loads where its loader looks for it: all that it needs of a root file system. */
export async function copyRuntime(unpacked: Unpacked, root: string): Promise<void> {
  const { interpreter, libraries, loader } = PLATFORMS[unpacked.arch];
  const directory = `usr/lib/${libraries}`;
  await copyParts(runtime(unpacked.arch), unpacked, (file) =>
    join(root, directory, basename(file)),
  );
  await addLink(join(root, interpreter, loader), `/${directory}/${loader}`);
}

/** Where the image has the executable; its tools lie beside it, as they do on a node. */
export const HOME = '/opt/sluice';
/** A name for them without a version. */
export const TOOLS = `${HOME}/tools`;

/** What people call it: `kubectl exec ds/sluice-agent -- sluice …` */
export const COMMAND = '/usr/bin/sluice';

/** Makes the root file system of the image. */
export async function makeRootfs(
  debian: Debian,
  { root, executable, version }: { root: string; executable: string; version: string },
): Promise<void> {
  await copyRuntime(debian, root);
  await makeToolbox(debian, join(root, HOME, '.sluice', version));
  await addLink(join(root, TOOLS), `.sluice/${version}`);
  await copyFile(executable, join(root, HOME, 'sluice-cni'));
  await chmod(join(root, HOME, 'sluice-cni'), 0o755);
  await addLink(join(root, COMMAND), `${HOME}/sluice-cni`);
  for (const { name, control } of debian.packages) {
    // Scanners look there for what an image without a package manager holds.
    await write(join(root, 'var/lib/dpkg/status.d', name), control);
    const copyright = join('usr/share/doc', name, 'copyright');
    await write(join(root, copyright), await readFile(join(debian.root, copyright)));
  }
  for (const [name, text] of Object.entries(FILES)) await write(join(root, name), text);
  for (const name of MOUNT_POINTS) await mkdir(join(root, name), { recursive: true });
}

/** What programs look up, lest they ask the network. */
export const FILES = {
  'etc/passwd': 'root:x:0:0:root:/:/sbin/nologin\n',
  'etc/group': 'root:x:0:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Where a runtime mounts something; the root may be read-only. */
export const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run', 'tmp'];

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o644 });
}
