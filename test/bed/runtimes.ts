import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackPackages } from '../../image/debian.ts';
import { madeOf } from '../../image/made.ts';
import { cacheDirectory } from '../support/libcni.ts';
import {
  findGoProgram,
  type GoProgram,
  provideGoProgram,
  type Provided,
  say,
} from './goprogram.ts';

/** What a containerd needs to run: folders for PATH. */
export interface Runtime {
  readonly name: string;
  /** Of its configuration file; 1.6 knows up to 2, and 2.x wants 3. */
  readonly schema: 2 | 3;
  readonly path: readonly string[];
}

export type RuntimeName = 'debian' | 'built';

const containerd: GoProgram = {
  module: 'github.com/containerd/containerd/v2',
  version: 'v2.4.2',
  commands: ['cmd/containerd', 'cmd/containerd-shim-runc-v2', 'cmd/ctr'],
  go: '1.26.0',
};
const packages = ['containerd', 'runc', 'busybox-static'];

/**
 * Debian's packages that a machine with containers needs, unpacked and not installed: that would start a containerd
 * of the real machine's own.
 *
 * @throws {Error} when apt cannot fetch them
 */
export async function provideDebian(): Promise<string> {
  await mkdir(cacheDirectory(), { recursive: true });
  const directory = join(cacheDirectory(), `bed-debian-${process.arch}`);
  await madeOf(packages.join(' '), directory, async (made, archives) => {
    await mkdir(made);
    await unpackPackages(packages, { archives, root: made, say });
  });
  return directory;
}

/** Debian's containerd 1.6, or 2.x where it was built before. Both run containers with Debian's runc. */
export async function findRuntime(
  name: RuntimeName,
): Promise<Runtime | { readonly missing: string }> {
  const debian = await provideDebian();
  const path = [join(debian, 'usr/bin'), join(debian, 'usr/sbin')];
  if (name === 'debian') return { name: 'containerd of Debian', schema: 2, path };
  const built = await findGoProgram(containerd);
  if (built === undefined) {
    return {
      missing: `there is no containerd ${containerd.version} yet: "node test/bed/build.ts" builds it`,
    };
  }
  return { name: `containerd ${containerd.version}`, schema: 3, path: [built, ...path] };
}

export function buildRuntime(): Promise<Provided> {
  return provideGoProgram(containerd);
}
