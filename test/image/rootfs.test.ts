import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { hasToolbox } from '../support/bareroot.ts';
import { createCleanup } from '../support/cleanup.ts';
import { scratchDirectory } from '../support/ground.ts';
import { hasRoot } from '../support/scratch.ts';

const root = join(import.meta.dirname, '../..');

describe('the files of the Dockerfile', function () {
  this.timeout(300_000);
  const cleanup = createCleanup();

  before(function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
  });
  after(() => cleanup.run());

  it('are those of the archive, with the same contents and modes', async () => {
    await execa(process.execPath, ['image/image.ts'], { cwd: root });
    // As in a build by Docker, whatever is usual here.
    const script = 'umask 022; exec "$0" image/image.ts rootfs';
    await execa('sh', ['-c', script, process.execPath], { cwd: root });
    const archived = await unpackLayer(join(root, 'dist/sluice-image.tar'));
    const wanted = tree(archived);
    assert.ok(wanted.length > 50, wanted.join('\n'));
    assert.deepEqual(tree(join(root, 'dist/rootfs')), wanted);
  });

  it('are made by the command that its first stage runs, and are all that its second takes', () => {
    const lines = readFileSync(join(root, 'image/Dockerfile'), 'utf8').split('\n');
    const stage = lines.indexOf('FROM scratch');
    assert.ok(lines.slice(0, stage).some((line) => line.endsWith('&& node image/image.ts rootfs')));
    assert.deepEqual(
      lines.slice(stage).filter((line) => /^(COPY|ADD|RUN)/.test(line)),
      ['COPY --from=build /src/dist/rootfs/ /'],
    );
  });

  async function unpackLayer(archive: string): Promise<string> {
    const directory = await scratchDirectory(cleanup);
    await execa('tar', ['-xf', archive, '-C', directory]);
    const blob = (digest = ''): Buffer =>
      readFileSync(join(directory, 'blobs', digest.replace(':', '/')));
    const { manifests } = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as {
      manifests: readonly { digest: string }[];
    };
    const { layers } = JSON.parse(blob(manifests[0]?.digest).toString()) as {
      layers: readonly { digest: string }[];
    };
    assert.equal(layers.length, 1);
    const unpacked = join(directory, 'layer');
    await mkdir(unpacked);
    const input = gunzipSync(blob(layers[0]?.digest));
    await execa('tar', ['-x', '--preserve-permissions', '-C', unpacked], { input });
    return unpacked;
  }
});

/** A line for each: mode, path, and what it holds or leads to. */
function tree(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const file = join(directory, path);
      const stats = lstatSync(file);
      if (stats.isSymbolicLink()) return `${path} -> ${readlinkSync(file)}`;
      const mode = `${path} ${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
      if (stats.isDirectory()) return `${mode} directory`;
      return `${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    })
    .sort();
}
