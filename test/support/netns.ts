import { readdir } from 'node:fs/promises';
import { execa } from 'execa';

/** A named network namespace, as `ip netns` keeps them. */
export interface Netns {
  readonly name: string;
  readonly path: string;
}

/** What a runtime hands to the first plugin: loopback is up, and there is nothing else. */
export async function createNetns(name: string): Promise<Netns> {
  const netns = { name, path: `/run/netns/${name}` };
  await execa('ip', ['netns', 'add', name]);
  await writeSysctls(netns, {
    'net/ipv4/ip_unprivileged_port_start': '0', // as containerd does
    // Interfaces inherit it: nobody here has our addresses, so why wait a second for each.
    'net/ipv6/conf/all/accept_dad': '0',
    'net/ipv6/conf/default/accept_dad': '0',
    'net/ipv6/conf/all/disable_ipv6': '0',
    'net/ipv6/conf/default/disable_ipv6': '0',
  });
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  return netns;
}

/** Kills what runs in it, then removes it. Nothing happens where there is none. */
export async function removeNetns(name: string): Promise<void> {
  if (!(await netnsNames()).includes(name)) return;
  // In a session of their own, so that a second Ctrl-C does not reach them.
  const { stdout } = await execa('ip', ['netns', 'pids', name], { detached: true });
  for (const pid of stdout.split('\n').filter(Boolean)) kill(Number(pid));
  await execa('ip', ['netns', 'del', name], { detached: true });
}

export async function netnsNames(): Promise<string[]> {
  try {
    return await readdir('/run/netns');
  } catch {
    return []; // the directory comes with the first netns
  }
}

/** Writes keys as `net/ipv4/ip_forward` inside a netns; needs no `sysctl` command. */
export async function writeSysctls(
  netns: Netns,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const input = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  const script = 'while read -r key value; do echo "$value" > "/proc/sys/$key"; done';
  await execa('nsenter', [`--net=${netns.path}`, '--', 'sh', '-ec', script], {
    input: input.join(''),
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
