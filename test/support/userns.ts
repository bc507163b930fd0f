import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { execInNetns } from '../../cni/kernel/kernel.ts';
import { closeNetns, openNetns } from '../../cni/kernel/netns.ts';
import { findTools } from '../../cni/kernel/tools.ts';
import { openOwner } from '../../cni/kernel/userns.ts';
import { type Netns, removeNetns } from './netns.ts';

/** As in `/proc/<pid>/uid_map`: first within, first outside, how many. */
export type IdMap = readonly [first: number, outside: number, count: number];

/** What runtimes give a pod with `hostUsers: false`. */
const podIds: IdMap = [0, 100_000, 65_536];

interface Options {
  readonly ids?: IdMap;
  /** Before the netns is made, or after: then its files in `/proc/net` belong to nobody. Of containerd, there are versions that do either. */
  readonly mapped?: 'before' | 'after';
}

/**
 * A netns that belongs to a user namespace of its own in which no process is left, as a pod's with
 * `hostUsers: false` while the runtime calls the plugin; gone after the tests of this `describe`.
 */
export function scratchOwnedNetns(options: Options = {}): Netns {
  const name = `sluice-test-${process.pid}-${randomBytes(3).toString('hex')}`;
  const netns = { name, path: `/run/netns/${name}` };
  before(async () => {
    await createOwnedNetns(name, options);
    await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  });
  after(async () => {
    await removeNetns(name);
  });
  return netns;
}

async function createOwnedNetns(
  name: string,
  { ids = podIds, mapped = 'before' }: Options,
): Promise<void> {
  const attach = (pid: number) => execa('ip', ['netns', 'attach', name, `${pid}`]);
  const unshared = mapped === 'before' ? ['--user'] : ['--user', '--net'];
  await whileWaiting('unshare', unshared, async (pid) => {
    await writeFile(`/proc/${pid}/uid_map`, ids.join(' '));
    await writeFile(`/proc/${pid}/gid_map`, ids.join(' '));
    if (mapped === 'after') return attach(pid);
    const entered = [`--user=/proc/${pid}/ns/user`, '--', 'unshare', '--net'];
    return whileWaiting('nsenter', entered, attach);
  });
}

/** Works while a process waits that this command has become. */
async function whileWaiting(
  file: string,
  args: readonly string[],
  work: (pid: number) => Promise<unknown>,
): Promise<void> {
  const wait = ['--', 'sh', '-c', 'echo ready; exec sleep 60'];
  const child = execa(file, [...args, ...wait], { reject: false });
  try {
    await once(child.stdout, 'data');
    await work(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
    await child;
  }
}

/** Runs a program as root of the netns' own user namespace. */
export async function inOwner(
  netns: Netns,
  command: readonly string[],
  { input = '', hideNameService = false } = {},
): Promise<string> {
  const tools = findTools('auto');
  const deadlineAt = performance.now() + 20_000;
  const opened = openNetns(netns.path);
  const owner = openOwner(opened.fd);
  try {
    const kernel = { netns: opened, tools, hideNameService, userNamespace: owner?.fd, deadlineAt };
    return (await execInNetns(kernel, command, input)).stdout;
  } finally {
    owner?.close();
    closeNetns(opened);
  }
}
