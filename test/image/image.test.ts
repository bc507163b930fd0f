import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { LINKS, type Part, runtime, toolbox } from '../../image/contents.ts';
import { COMMAND, FILES, HOME, MOUNT_POINTS, TOOLS } from '../../image/rootfs.ts';
import { hasToolbox } from '../support/bareroot.ts';
import { createCleanup } from '../support/cleanup.ts';
import { redirect, scratchDirectory, scratchName } from '../support/ground.ts';
import { createMesh } from '../support/mesh.ts';
import { hasRoot } from '../support/scratch.ts';

const root = join(import.meta.dirname, '../..');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}
interface Config {
  readonly config: Readonly<Record<'Env' | 'Entrypoint' | 'Cmd', readonly string[]>>;
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

describe('the image', function () {
  this.timeout(300_000);
  const cleanup = createCleanup();
  const archive = join(root, 'dist/sluice-image.tar');
  let directory = '';
  let rootfs = '';
  let manifest: Manifest;
  let config: Config;

  before(async function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
    await execa(process.execPath, ['image/image.ts'], { cwd: root });
    directory = await scratchDirectory(cleanup);
    await execa('tar', ['-xf', archive, '-C', directory]);
    const { manifests } = JSON.parse(text('index.json')) as { manifests: readonly Descriptor[] };
    assert.equal(manifests.length, 1);
    manifest = JSON.parse(blob(manifests[0]).toString()) as Manifest;
    config = JSON.parse(blob(manifest.config).toString()) as Config;
    rootfs = join(directory, 'rootfs');
    await mkdir(rootfs);
    await execa('tar', ['-x', '-C', rootfs], { input: gunzipSync(blob(manifest.layers[0])) });
  });
  after(() => cleanup.run());

  const text = (name: string): string => readFileSync(join(directory, name), 'utf8');
  /** What a descriptor stands for, if it is what it says. */
  const blob = ({ digest, size }: Descriptor = { digest: '', size: 0 }): Buffer => {
    const bytes = readFileSync(join(directory, 'blobs', digest.replace(':', '/')));
    assert.deepEqual([bytes.length, digestOf(bytes)], [size, digest]);
    return bytes;
  };

  it('is an OCI layout of one layer', () => {
    assert.deepEqual(JSON.parse(text('oci-layout')), { imageLayoutVersion: '1.0.0' });
    const layers = manifest.layers.map((layer) => digestOf(gunzipSync(blob(layer))));
    assert.deepEqual(layers, config.rootfs.diff_ids);
  });

  it('starts the agent, as that of the Dockerfile does', () => {
    const { Env, Entrypoint, Cmd } = config.config;
    assert.deepEqual(Entrypoint, [`${HOME}/sluice-cni`]);
    assert.deepEqual(Cmd, ['agent']);
    assert.deepEqual(Env, [`SLUICE_TOOLS_DIR=${TOOLS}`]);
    const words = (list: readonly string[]): string => list.map((each) => `"${each}"`).join(', ');
    const lines = readFileSync(join(root, 'image/Dockerfile'), 'utf8').split('\n');
    assert.deepEqual(
      lines.filter((line) => /^(ENV|ENTRYPOINT|CMD)/.test(line)),
      [
        ...Env.map((each) => `ENV ${each}`),
        `ENTRYPOINT [${words(Entrypoint)}]`,
        `CMD [${words(Cmd)}]`,
      ],
    );
  });

  it('holds exactly the list, root owns it, and nobody else may write', async () => {
    const layer = gunzipSync(blob(manifest.layers[0]));
    const { stdout } = await execa('tar', ['-tv', '--numeric-owner'], { input: layer });
    const entries = stdout.split('\n').map((line) => line.split(/\s+/));
    for (const [mode = '', owner] of entries) {
      assert.match(mode, /^(l.*|d(rwxr-xr-x)|-rw(-r--r--|xr-xr-x))$/);
      assert.equal(owner, '0/0');
    }
    const found = entries.map((words) =>
      (words[5] ?? '').slice(1).replace(/xtables\/.+/, 'xtables/'),
    );
    const files = found.filter((name) => !name.endsWith('/') || name.endsWith('lib/xtables/'));
    assert.deepEqual([...new Set(files)].sort(), expected());
    for (const name of MOUNT_POINTS) assert.ok(found.includes(`/${name}/`), name);
  });

  it('is no larger than 220 MB, packed and unpacked', () => {
    assert.ok(statSync(archive).size < 220e6);
    assert.ok(gunzipSync(blob(manifest.layers[0])).length < 220e6);
  });

  /** Starts what a runtime does for a pod with these arguments or without any, with nothing else around it. */
  const start = ({ args = config.config.Cmd, env = {}, before = [], user = '0:0' }: Pod) => {
    const mounts = 'mount --rbind /proc "$0/proc"; mount --rbind /sys "$0/sys"';
    const script = `${mounts}; exec chroot --userspec=${user} --groups= "$0" "$@"`;
    const words = ['unshare', '--mount', 'sh', '-ec', script, rootfs];
    const { Env, Entrypoint } = config.config;
    const own = Env.map((each) => each.split('=') as [string, string]);
    const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'; // for unshare and chroot; there is nothing in there
    return execa('env', [...before, ...words, ...Entrypoint, ...args], {
      extendEnv: false,
      env: { ...Object.fromEntries(own), PATH, ...env },
      reject: false,
      timeout: 60_000,
    });
  };

  it('lets the agent start, and choose a backend, with nothing else around it', async () => {
    // An address, no name: while one is being resolved, the agent ends by SIGKILL.
    const KUBERNETES_SERVICE_HOST = '127.0.0.1';
    const env = { NODE_NAME: 'node', SLUICE_ADDRESS: '127.0.0.1:0', KUBERNETES_SERVICE_HOST };
    const agent = start({ env });
    for await (const line of agent) if (line.includes('"msg":"backend"')) agent.kill('SIGTERM');
    const { exitCode, stdout } = await agent;
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /"backend":"iptables-nft"/);
  });

  it('stands in for istio-validation, with the arguments that the injector writes', async () => {
    const { pod } = await createMesh(scratchName(), cleanup);
    const validate = async (): Promise<string> => {
      const { exitCode, stdout, stderr } = await start({
        args: injected,
        before: ['nsenter', `--net=${pod.path}`],
        user: '1337:1337',
      });
      return `${exitCode}: ${stdout}${stderr}`;
    };
    assert.match(await validate(), /^126: the pod is not redirected as it should be, as user 1337/);
    await redirect(pod, 'iptables-nft', {});
    assert.match(await validate(), /^0: the pod is redirected, as user 1337/);
  });
});

/** What a pod says of a container of this image, and what its sandbox gives it. */
interface Pod {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly before?: readonly string[];
  readonly user?: string;
}

/** @see https://github.com/istio/istio/blob/1.24.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml */
const injected = [
  'istio-iptables',
  ...['-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-x', ''],
  ...['-b', '*', '-d', '15090,15021,15020', '--log_output_level=default:info'],
  ...['--run-validation', '--skip-rule-apply'],
];

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function expected(): string[] {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const files = (parts: readonly Part[]): string[] => parts.flatMap((part) => part.files);
  const triplet = arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';
  const interpreter = arch === 'x64' ? '/lib64/ld-linux-x86-64.so.2' : '/lib/ld-linux-aarch64.so.1';
  const packages = new Set([...toolbox(arch), ...runtime(arch)].map((part) => part.package));
  return [
    `${HOME}/sluice-cni`,
    COMMAND,
    TOOLS,
    interpreter,
    ...[...files(toolbox(arch)), ...Object.keys(LINKS)].map(
      (name) => `${HOME}/.sluice/${version}/${name}`,
    ),
    ...files(runtime(arch)).map((name) => `/usr/lib/${triplet}/${name.slice('lib/'.length)}`),
    ...[...packages].map((name) => `/usr/share/doc/${name}/copyright`),
    ...[...packages].map((name) => `/var/lib/dpkg/status.d/${name}`),
    ...Object.keys(FILES).map((name) => `/${name}`),
  ].sort();
}
