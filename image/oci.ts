import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';

/** What a runtime is to start, beside the files. */
export interface ImageConfig {
  /** As Go names it. */
  readonly architecture: 'amd64' | 'arm64';
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  /** What stands behind the entry point where a pod gives no arguments. */
  readonly cmd?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What the image is called where it is loaded, e.g. `sluice:dev`. */
  readonly name: string;
}

/** A content-addressed file of the layout. @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const TYPE = 'application/vnd.oci.image';

/**
 * Writes an image of one layer, which holds all of `rootfs`, as an archive that containerd, Podman and Docker load.
 * The same files make the same bytes, whoever made them and when.
 *
 * @param scratch an empty directory
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
export async function writeImage(
  archive: string,
  { rootfs, scratch, config }: { rootfs: string; scratch: string; config: ImageConfig },
): Promise<void> {
  const layout = join(scratch, 'layout');
  const blobs = join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });

  const [plain, packed] = [join(scratch, 'layer.tar'), join(scratch, 'layer.tar.gz')];
  await tar(plain, rootfs);
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(packed));
  const layer = await addBlob(blobs, packed, `${TYPE}.layer.v1.tar+gzip`);

  const { architecture, env, entrypoint, cmd, labels, name } = config;
  const add = async (value: object, mediaType: string): Promise<Descriptor> => {
    const file = join(scratch, 'blob.json');
    await writeFile(file, JSON.stringify(value));
    return addBlob(blobs, file, mediaType);
  };
  const described = await add(
    {
      created: '1970-01-01T00:00:00Z',
      architecture,
      os: 'linux',
      config: { Env: env, Entrypoint: entrypoint, Cmd: cmd, WorkingDir: '/', Labels: labels },
      rootfs: { type: 'layers', diff_ids: [await digestOf(plain)] },
    },
    `${TYPE}.config.v1+json`,
  );
  const manifest = await add(
    { schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config: described, layers: [layer] },
    `${TYPE}.manifest.v1+json`,
  );
  const annotations = {
    'org.opencontainers.image.ref.name': name,
    'io.containerd.image.name': `docker.io/library/${name}`,
  };
  const index = {
    schemaVersion: 2,
    mediaType: `${TYPE}.index.v1+json`,
    manifests: [{ ...manifest, platform: { architecture, os: 'linux' }, annotations }],
  };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await tar(archive, layout);
}

/** Nothing in it tells who made it, or when. */
async function tar(file: string, directory: string): Promise<void> {
  const same = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX', '--mtime=@0'];
  await execa('tar', ['--create', '--sort=name', ...same, '--file', file, '-C', directory, '.'], {
    env: { LC_ALL: 'C' },
  });
}

/** Moves a file to where its digest says. */
async function addBlob(blobs: string, file: string, mediaType: string): Promise<Descriptor> {
  const digest = await digestOf(file);
  const { size } = await stat(file);
  await rename(file, join(blobs, digest.slice('sha256:'.length)));
  return { mediaType, digest, size };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
