import { basename, join } from 'node:path';
import { PLATFORMS, runtime } from './contents.ts';
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
