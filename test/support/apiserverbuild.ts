import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory, goEnvironment } from './libcni.ts';

/** The folder with the wanted programs, or why there is none. */
export type Binaries = { readonly directory: string } | { readonly missing: string };

const version = 'v1.36.3';
const [, minor = '', patch = ''] = version.split('.');

export const serverPrograms: readonly string[] = ['etcd', 'kube-apiserver', 'kubectl'];
/** All that a cluster runs, beside the container runtime. */
export const clusterPrograms: readonly string[] = [
  ...serverPrograms,
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
];

/** What was built before; building takes too long for whoever only wants to run the tests. */
export async function findBinaries(programs = serverPrograms): Promise<Binaries> {
  const [first] = await missingOf(programs);
  if (first === undefined) return { directory };
  const script = programs === serverPrograms ? 'test:apiserver' : 'test:cluster';
  return { missing: `there is no ${first} yet: "npm run ${script}" builds it` };
}

/**
 * Builds Kubernetes' programs with the machine's Go, and takes etcd from Debian, except for those that are there from
 * before. Others go first meanwhile: it takes about ten minutes of two processors that have nothing else to do.
 *
 * @throws {Error} with what Go or apt-get said, when one of them is there and fails
 */
export async function buildBinaries(programs = serverPrograms): Promise<Binaries> {
  const missing = await missingOf(programs);
  if (missing.length === 0) return { directory };
  const { failed } = await execa('go', ['version'], { env: goEnvironment(), reject: false });
  if (failed) return { missing: `there is no Go to build ${missing.join(', ')} with` };
  await mkdir(directory, { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    if (missing.includes('etcd')) {
      say('taking etcd from the Debian package etcd-server ...');
      await unpackEtcd(unfinished);
    }
    await build(
      unfinished,
      missing.filter((name) => name !== 'etcd'),
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { directory };
}

const directory = join(cacheDirectory(), `kubernetes-${version}`);

async function missingOf(programs: readonly string[]): Promise<string[]> {
  const found = await readdir(directory).catch((): string[] => []);
  return programs.filter((name) => !found.includes(name));
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
  await rename(join(cwd, 'etcd/usr/bin/etcd'), join(directory, 'etcd'));
}

async function build(cwd: string, programs: readonly string[]): Promise<void> {
  const env = { ...goEnvironment(), CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=mod' };
  const download = ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`];
  const { stdout } = await execa('go', download, { cwd, env, timeout: 600_000 });
  const { GoMod } = JSON.parse(stdout) as { readonly GoMod: string };
  await writeFile(join(cwd, 'go.mod'), wrapper(await readFile(GoMod, 'utf8')));
  const go = ['go', 'build', '-trimpath', '-ldflags', `-s -w ${stamps()}`, '-o', 'bin/'];
  for (const [index, program] of programs.entries()) {
    say(`building ${program} ${version}, once, minutes (${index + 1} of ${programs.length}) ...`);
    const command = ['-n', '19', ...go, `k8s.io/kubernetes/cmd/${program}`];
    await execa('nice', command, { cwd, env, timeout: 2_400_000 });
    // One by one, so that what was built remains if the next cannot be.
    await rename(join(cwd, 'bin', program), join(directory, program));
  }
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
