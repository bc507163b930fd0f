import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { codeOf } from '../../cni/fileerror.ts';
import { couldNotTell } from '../command.ts';
import { variable } from '../place.ts';
import { type Finding, fine, type Look } from './outcome.ts';

/** A container runtime: how to know it, and what of it we rely on. */
interface Runtime {
  readonly name: string;
  /** As the kernel calls its process. */
  readonly process: string;
  readonly paths: readonly string[];
  readonly sockets: readonly string[];
  /** From which version on it passes the annotations of a pod. */
  readonly annotations: readonly [major: number, minor: number];
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'containerd',
    process: 'containerd',
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
    process: 'crio',
    paths: ['/usr/bin/crio', '/usr/local/bin/crio'],
    sockets: ['/run/crio/crio.sock'],
    annotations: [1, 28],
  },
];

/** Which container runtime is here, and whether it passes the annotations of pods. */
export const lookAtRuntime: Look = async ({ env }) => {
  const runtime = RUNTIMES.find(({ sockets, paths }) =>
    [...sockets, ...paths].some((path) => existsSync(path)),
  );
  if (!runtime) return seenRunning(variable(env, 'SLUICE_PROC_DIR'));
  const path = runtime.paths.find((each) => existsSync(each));
  const version = path === undefined ? undefined : await versionOf(path);
  return version
    ? judged(runtime, version)
    : fine(`${runtime.name}, of a version that it does not tell here`);
};

/** From the agent's container, its files are not to be seen. */
function seenRunning(procDir: string): Finding {
  const [seen] = runningRuntimes(procDir);
  if (!seen) return { verdict: 'unknown', says: 'neither containerd nor CRI-O is to be found' };
  const says = `${seen.name} runs as process ${seen.pid}, of a version that it does not tell here`;
  return { ...fine(says), next: '`/opt/cni/bin/sluice-cni check` on the node asks it' };
}

/**
 * The runtimes among the processes of a node. What a process calls itself is no reason to run its executable: a pod
 * with `hostPID` may call one so, too.
 *
 * @throws {CommandError} `unknown` when the processes cannot be listed
 */
export function runningRuntimes(
  procDir: string,
): readonly { readonly name: string; readonly pid: number }[] {
  const pids = namesIn(procDir).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const status = statusOf(`${procDir}/${pid}/status`);
    // One that a container starts within has a number there as well.
    if (!/^NSpid:\t\d+$/m.test(status)) return [];
    const runtime = RUNTIMES.find(({ process }) => status.startsWith(`Name:\t${process}\n`));
    return runtime ? [{ name: runtime.name, pid: Number(pid) }] : [];
  });
}

function namesIn(procDir: string): string[] {
  try {
    return readdirSync(procDir);
  } catch (cause) {
    const why =
      codeOf(cause) === 'ENOENT' ? 'it is not there' : `it cannot be read: ${String(cause)}`;
    const message = `cannot look for the container runtime among the processes in SLUICE_PROC_DIR "${procDir}": ${why}`;
    throw couldNotTell(message, cause);
  }
}

function statusOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It has just ended.
  }
}

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
