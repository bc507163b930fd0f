import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Finding, fine, type Look } from './outcome.ts';

/** A container runtime: how to know it, and what of it we rely on. */
interface Runtime {
  readonly name: string;
  readonly paths: readonly string[];
  readonly sockets: readonly string[];
  /** From which version on it passes the annotations of a pod. */
  readonly annotations: readonly [major: number, minor: number];
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'containerd',
    paths: [
      '/usr/bin/containerd',
      '/usr/local/bin/containerd',
      '/var/lib/rancher/k3s/data/current/bin/containerd',
    ],
    sockets: ['/run/containerd/containerd.sock', '/run/k3s/containerd/containerd.sock'],
    annotations: [1, 5],
  },
  {
    name: 'CRI-O',
    paths: ['/usr/bin/crio', '/usr/local/bin/crio'],
    sockets: ['/run/crio/crio.sock'],
    annotations: [1, 28],
  },
];

/** Which container runtime is here, and whether it passes the annotations of pods. */
export const lookAtRuntime: Look = async () => {
  const found = RUNTIMES.filter(({ sockets, paths }) =>
    [...sockets, ...paths].some((path) => existsSync(path)),
  );
  const [runtime] = found;
  if (!runtime) return { verdict: 'unknown', says: 'neither containerd nor CRI-O is to be found' };
  const path = runtime.paths.find((each) => existsSync(each));
  const version = path === undefined ? undefined : await versionOf(path);
  return version
    ? judged(runtime, version)
    : fine(`${runtime.name}, of a version that it does not tell here`);
};

export function judged(
  { name, annotations: [major, minor] }: Pick<Runtime, 'name' | 'annotations'>,
  version: readonly [number, number],
): Finding {
  const says = `${name} ${version.join('.')}`;
  if (version[0] > major || (version[0] === major && version[1] >= minor)) {
    return fine(`${says}, which passes the annotations of pods`);
  }
  const next = `${name} ${major}.${minor} passes them; until then the agent is asked for each pod`;
  return { verdict: 'warning', says: `${says}, which passes no annotations of pods`, next };
}

/** `containerd github.com/containerd/containerd v2.0.1 …`, `crio version 1.31.0` */
export function parseVersion(text: string): readonly [number, number] | undefined {
  const [, major, minor] = /\bv?(\d+)\.(\d+)\.\d+/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

async function versionOf(path: string): Promise<readonly [number, number] | undefined> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 5_000, env: {} });
  return parseVersion(stdout);
}
