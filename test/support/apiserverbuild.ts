import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory, goEnvironment } from './libcni.ts';

/** The folder with `etcd`, `kube-apiserver` and `kubectl`, or why there is none. */
export type Binaries = { readonly directory: string } | { readonly missing: string };

const version = 'v1.36.3';
const [, minor = '', patch = ''] = version.split('.');
const programs = ['kube-apiserver', 'kubectl'];

/** What was built before; building takes too long for whoever only wants to run the tests. */
export async function findBinaries(): Promise<Binaries> {
  const directory = join(cacheDirectory(), `kubernetes-${version}`);
  const found = await access(join(directory, 'kube-apiserver')).then(
    () => true,
    () => false,
  );
  if (found) return { directory };
  return { missing: 'there is no kube-apiserver yet: "npm run test:apiserver" builds it' };
}

/**
 * Builds Kubernetes' programs with the machine's Go, and takes etcd from Debian, unless that was done before. Others go
 * first meanwhile: it takes about ten minutes of two processors that have nothing else to do.
 *
 * @throws {Error} with what Go or apt-get said, when one of them is there and fails
 */
export async function buildBinaries(): Promise<Binaries> {
  const found = await findBinaries();
  if ('directory' in found) return found;
  const { failed } = await execa('go', ['version'], { env: goEnvironment(), reject: false });
  if (failed) return { missing: 'there is no Go to build kube-apiserver with' };
  const directory = join(cacheDirectory(), `kubernetes-${version}`);
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    say('taking etcd from the Debian package etcd-server ...');
    await unpackEtcd(unfinished);
    say(`building ${programs.join(' and ')} ${version}, once, ten minutes or more ...`);
    await build(unfinished);
    // Whoever built the same in the meantime was first, and what is there stays.
    if ('missing' in (await findBinaries())) await rename(join(unfinished, 'bin'), directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { directory };
}

/** Not installed: that would start a server of the machine's own. */
async function unpackEtcd(cwd: string): Promise<void> {
  const download = ['apt-get', 'download', 'etcd-server'];
  await execa(download[0] ?? '', download.slice(1), { cwd }).catch(async () => {
    await execa('apt-get', ['update', '-q'], { reject: false });
    await execa('apt-get', download.slice(1), { cwd });
  });
  const [archive = ''] = (await readdir(cwd)).filter((name) => name.endsWith('.deb'));
  await execa('dpkg-deb', ['-x', archive, 'etcd'], { cwd });
  await mkdir(join(cwd, 'bin'));
  await rename(join(cwd, 'etcd/usr/bin/etcd'), join(cwd, 'bin/etcd'));
}

async function build(cwd: string): Promise<void> {
  const env = { ...goEnvironment(), CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=mod' };
  const download = ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`];
  const { stdout } = await execa('go', download, { cwd, env, timeout: 600_000 });
  const { GoMod } = JSON.parse(stdout) as { readonly GoMod: string };
  await writeFile(join(cwd, 'go.mod'), wrapper(await readFile(GoMod, 'utf8')));
  const packages = programs.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const go = ['go', 'build', '-trimpath', '-ldflags', `-s -w ${stamps()}`, '-o', 'bin/'];
  await execa('nice', ['-n', '19', ...go, ...packages], { cwd, env, timeout: 2_400_000 });
}

/**
 * A module that depends on Kubernetes. Kubernetes' own replaces its parts by folders beside it, which counts only there:
 * here they are the published ones of the same release.
 */
function wrapper(goMod: string): string {
  const [, go = ''] = /^go (\S+)$/m.exec(goMod) ?? [];
  const parts = [...goMod.matchAll(/^\s*(k8s\.io\/[a-z-]+) => \.\/staging\//gm)];
  return [
    'module apiserver',
    `go ${go}`,
    `godebug default=go${go.replace(/\.\d+$/, '')}`,
    `require k8s.io/kubernetes ${version}`,
    ...parts.map(([, part = '']) => `replace ${part} => ${part} v0.${minor}.${patch}`),
    '',
  ].join('\n');
}

/** kubectl and kube-apiserver insist on knowing their version. */
function stamps(): string {
  const values = { gitVersion: version, gitMajor: '1', gitMinor: minor };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((path) => Object.entries(values).map(([key, value]) => `-X ${path}.${key}=${value}`))
    .join(' ');
}

/** Where people look while nothing seems to happen. */
export function say(line: string): void {
  process.stderr.write(`apiserver: ${line}\n`);
}
