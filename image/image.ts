// Makes dist/sluice-image.tar, where it is not fresh: the agent's image, of dist/sluice-cni and Debian's
// packages, with neither a Docker daemon nor a base image. `rootfs` as argument: only its files, as dist/rootfs.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { madeOf, megabytes, sizeOf } from './made.ts';
import { type ImageConfig, writeImage } from './oci.ts';
import { HOME, makeRootfs, TOOLS } from './rootfs.ts';
import { type Debian, provideToolbox, provideUnpacked, recipe } from './toolbox.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const executable = join(dist, 'sluice-cni');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

/** At most; more is a mistake in the list of contents. */
const LIMIT = 220e6;

try {
  await provideToolbox(arch, say);
  await make(await provideUnpacked(arch, say));
} catch (error) {
  say(`cannot make the image: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function make(debian: Debian): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { ino, size, mtimeMs } = await stat(executable);
  const key = JSON.stringify([await recipe(), version, arch, debian.packages, ino, size, mtimeMs]);
  const rootfs = (path: string) => makeRootfs(debian, { root: path, executable, version });
  if (process.argv[2] === 'rootfs') {
    await madeOf(key, join(dist, 'rootfs'), rootfs);
    return;
  }
  const output = join(dist, 'sluice-image.tar');
  let unpacked = 0;
  const isNew = await madeOf(key, output, async (made, scratch) => {
    say('making dist/sluice-image.tar …');
    const directory = join(scratch, 'rootfs');
    await rootfs(directory);
    unpacked = await sizeOf(directory);
    if (unpacked > LIMIT) throw new Error(`it is ${megabytes(unpacked)}: expected at most 220 MB`);
    await writeImage(made, { rootfs: directory, scratch, config: imageConfig(version) });
  });
  if (!isNew) return;
  const packed = megabytes((await stat(output)).size);
  say(`made dist/sluice-image.tar: ${packed}, unpacked ${megabytes(unpacked)}`);
}

/** The Dockerfile says the same. */
function imageConfig(version: string): ImageConfig {
  return {
    architecture: arch === 'x64' ? 'amd64' : 'arm64',
    env: [`SLUICE_TOOLS_DIR=${TOOLS}`],
    // A pod's arguments take the place of `cmd` alone: those that the injector writes for istio-validation reach `validate`.
    entrypoint: [`${HOME}/sluice-cni`],
    cmd: ['agent'],
    labels: {
      'org.opencontainers.image.title': 'sluice',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
    name: 'sluice:dev',
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
