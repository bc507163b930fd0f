import { globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture } from './base.ts';
import { LINKS, runtime, toolbox } from './contents.ts';
import { type DebianPackage, unpackPackages } from './debian.ts';
import { madeOf, megabytes, sizeOf } from './made.ts';
import { addLink, copyParts, type Unpacked, withoutTraces } from './tree.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Debian's packages, unpacked, and what Debian says of each. */
export interface Debian extends Unpacked {
  readonly packages: readonly DebianPackage[];
}

type Say = (line: string) => void;

/** All packages that the tool box and the image are made of, fetched where they are not there yet. */
export async function provideUnpacked(arch: Architecture, say: Say): Promise<Debian> {
  const names = [...toolbox(arch), ...runtime(arch)].map((part) => part.package);
  const wanted = [...new Set(names)].sort();
  const output = join(dist, '.debian');
  await mkdir(dist, { recursive: true });
  await madeOf([arch, ...wanted].join(' '), output, async (made, scratch) => {
    const [unpacked, archives] = [join(made, 'root'), join(scratch, 'archives')];
    for (const directory of [unpacked, archives]) await mkdir(directory, { recursive: true });
    const packages = await unpackPackages(wanted, { archives, root: unpacked, say });
    await writeFile(join(made, 'packages.json'), JSON.stringify(packages));
  });
  const packages = JSON.parse(await readFile(join(output, 'packages.json'), 'utf8')) as unknown;
  return { root: join(output, 'root'), arch, packages: packages as readonly DebianPackage[] };
}

/** Makes `dist/tools`, the tool box, where it is not fresh. */
export async function provideToolbox(arch: Architecture, say: Say): Promise<string> {
  const output = join(dist, 'tools');
  const unpacked = await provideUnpacked(arch, say);
  const key = JSON.stringify([await recipe(), arch, unpacked.packages]);
  const isNew = await madeOf(key, output, (made) => makeToolbox(unpacked, made));
  if (isNew) say(`made dist/tools: ${megabytes(await sizeOf(output))}`);
  return output;
}

export async function makeToolbox(unpacked: Unpacked, directory: string): Promise<void> {
  await copyParts(toolbox(unpacked.arch), unpacked, (file) => join(directory, file));
  for (const [name, target] of Object.entries(LINKS)) await addLink(join(directory, name), target);
  await withoutTraces(directory);
}

/** What is made changes with the files that make it. */
export async function recipe(): Promise<string> {
  const files = globSync(join(import.meta.dirname, '*.ts')).sort();
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
}
