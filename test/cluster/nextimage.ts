import { appendFile, copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { madeOf } from '../../image/made.ts';
import { writeImage } from '../../image/oci.ts';
import { HOME, makeRootfs, TOOLS } from '../../image/rootfs.ts';
import { provideToolbox, provideUnpacked } from '../../image/toolbox.ts';
import { say } from './until.ts';

export const NEXT = 'sluice:next';
const dist = join(import.meta.dirname, '../../dist');
const executable = join(dist, 'sluice-cni');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

/** Makes an image of a later Sluice, whose executable is one byte longer: enough to be another. */
export async function provideNextImage(): Promise<string> {
  const archive = join(dist, '.bed/next.tar');
  await mkdir(join(dist, '.bed'), { recursive: true });
  const { size, mtimeMs } = await stat(executable);
  await madeOf(JSON.stringify([size, mtimeMs]), archive, async (made, scratch) => {
    say(`making ${NEXT} ...`);
    await provideToolbox(arch, say);
    const [rootfs, later] = [join(scratch, 'rootfs'), join(scratch, 'sluice-cni')];
    await copyFile(executable, later);
    await appendFile(later, '\n');
    const { version } = JSON.parse(await readFile(join(dist, '../package.json'), 'utf8')) as {
      readonly version: string;
    };
    await makeRootfs(await provideUnpacked(arch, say), {
      root: rootfs,
      executable: later,
      version,
    });
    await writeImage(made, {
      rootfs,
      scratch,
      config: {
        architecture: arch === 'x64' ? 'amd64' : 'arm64',
        env: [`SLUICE_TOOLS_DIR=${TOOLS}`],
        entrypoint: [`${HOME}/sluice-cni`],
        cmd: ['agent'],
        labels: {},
        name: NEXT,
      },
    });
  });
  return archive;
}
