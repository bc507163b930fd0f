import { readFile, readdir } from 'node:fs/promises';
import { execa } from 'execa';
import { createNetns, type Netns, netnsNames } from '../test/support/netns.ts';

const owned = /^sluice-bench-(\d+)-/;
const prefix = `sluice-bench-${process.pid}-`;
const peer = `${prefix}peer`;
let count = 0;

/** The netns where the other ends of all veth pairs are. */
export async function createPeer(): Promise<void> {
  await createNetns(peer);
}

/** Netns as a runtime leaves them to a chained plugin: eth0 is there, with an address of each family. */
export async function createPods(wanted: number): Promise<Netns[]> {
  return Promise.all(Array.from({ length: wanted }, createPod));
}

async function createPod(): Promise<Netns> {
  const number = ++count;
  const netns = await createNetns(`${prefix}${number}`);
  const input = [
    `link add eth0 type veth peer name v${number} netns ${peer}`,
    `address add 10.9.${number >> 8}.${number & 255}/16 dev eth0`,
    `address add fd09::${number.toString(16)}/64 dev eth0 nodad`,
    'link set eth0 up',
  ];
  await execa('ip', ['-n', netns.name, '-batch', '-'], { input: input.join('\n') });
  return netns;
}

/** Removes the netns of this run, and of runs that were killed. */
export async function removePods(): Promise<void> {
  const names: string[] = [];
  for (const name of await netnsNames()) {
    const pid = owned.exec(name)?.[1];
    if (pid === String(process.pid) || (pid !== undefined && !(await isBenchmark(pid))))
      names.push(name);
  }
  const input = names.map((name) => `netns del ${name}\n`).join('');
  await execa('ip', ['-force', '-batch', '-'], { input, detached: true });
}

async function isBenchmark(pid: string): Promise<boolean> {
  if (!(await readdir('/proc')).includes(pid)) return false;
  return /bench\/(?:census\/)?main\.ts/.test(await readFile(`/proc/${pid}/cmdline`, 'utf8'));
}
