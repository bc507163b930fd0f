import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { execa } from 'execa';
import { cacheDirectory } from '../support/libcni.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { type Command, entryOf } from './entry.ts';

/**
 * A machine in private pid, mount, net, uts, ipc and cgroup namespaces. It has the real one's programs and files, but
 * what it writes is its own, and all of it is gone when it stops or when this process ends, in whatever way.
 */
export interface Host {
  readonly name: string;
  /** Seen under the same path inside and outside. */
  readonly directory: string;
  /** Its first process, as those outside know it: for `ip link set … netns <pid>` and the like. */
  readonly pid: number;
  /** Where its files are as seen from outside. */
  readonly path: (inside: string) => string;
  /** @throws {Error} unless it ends well, or `reject` is false */
  readonly exec: (file: string, args?: readonly string[], options?: ExecOptions) => Promise<Done>;
  /** Its output goes to `<directory>/log/<name>.log`. */
  readonly daemon: (
    name: string,
    file: string,
    args?: readonly string[],
    options?: Pick<ExecOptions, 'env'>,
  ) => Daemon;
  /** Ends all that runs in it, and removes the directory. */
  readonly stop: () => Promise<void>;
}

export interface ExecOptions {
  /** Beside a PATH and a HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly reject?: boolean;
  readonly timeoutMs?: number;
}

export interface Done {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** Makes a machine, and removes it when its stdin ends. */
export const MACHINE = join(import.meta.dirname, 'machine.sh');
const project = join(import.meta.dirname, '../..');

/** Why no machine can be made here; undefined if it can. */
export function whyNoHost(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may make a machine of namespaces';
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) return undefined;
  return 'machines of namespaces need cgroup v1 hierarchies, and here is version 2 alone';
}

/**
 * @param directory all that the machine writes, made by it if need be; short, as a socket's path may have 107 characters
 */
export async function startHost({
  name,
  directory,
}: {
  readonly name: string;
  readonly directory: string;
}): Promise<Host> {
  await mkdir(cacheDirectory(), { recursive: true });
  // In a session of its own, so that Ctrl-C does not keep it from cleaning up.
  const visible = [directory, project, cacheDirectory()];
  const machine = execa('sh', [MACHINE, name, ...visible], {
    ...{ stdin: 'pipe', detached: true, buffer: { stdout: false }, reject: false },
  });
  const stop = async (): Promise<void> => {
    machine.stdin.end();
    await machine;
  };
  const pid = await readyPid(machine.stdout);
  if (pid === undefined) {
    await stop();
    throw new Error(`cannot start machine "${name}": ${(await machine).stderr}`);
  }
  const entry = entryOf(pid);
  return {
    name,
    directory,
    pid,
    path: (inside) => `/proc/${pid}/root${inside}`,
    exec: (file, args = [], { env = {}, ...options } = {}) =>
      run(entry([file, ...args], env), options),
    daemon: (daemon, file, args = [], { env = {} } = {}) =>
      startDaemon(entry([file, ...args], env), join(directory, 'log', `${daemon}.log`)),
    stop,
  };
}

/** Undefined: it ended, or closed its output, without saying it. */
async function readyPid(stdout: Readable): Promise<number | undefined> {
  const lines = createInterface({ input: stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as string[];
  const [, pid] = /^ready (\d+)$/.exec(line ?? '') ?? [];
  return pid === undefined ? undefined : Number(pid);
}

async function run(
  { file, args, env }: Command,
  { input = '', reject = true, timeoutMs: timeout = 60_000 }: Omit<ExecOptions, 'env'>,
): Promise<Done> {
  const done = await execa(file, args, { env, extendEnv: false, input, reject, timeout });
  return { stdout: done.stdout, stderr: done.stderr, exitCode: done.exitCode };
}
