import { type Family } from '../redirect/cidrs.ts';
import { type Command, exec, type Output } from './exec.ts';
import { type Netns } from './netns.ts';
import { findProgram, type Program, type Tools } from './tools.ts';

/** A pod's netns and the means to work in it. */
export interface Kernel {
  readonly netns: Netns;
  readonly tools: Tools;
  /** Whether user names are looked up elsewhere than in files on this host. */
  readonly hideNameService: boolean;
  /** An open user namespace, when the netns belongs to another one than ours. */
  readonly userNamespace: number | undefined;
  /** By `performance.now()`. */
  readonly deadlineAt: number;
  /** Once aborted, whatever runs in it is killed, and nothing else is started. */
  readonly signal?: AbortSignal | undefined;
}

/** What is left for undoing and reading after the deadline has passed. */
const LAST_CALL_MS = 2_000;

/** @throws {ExecError} */
export function ip(kernel: Kernel, family: Family, batch: string): Promise<Output> {
  const option = family === 'ipv4' ? '-4' : '-6';
  return execInNetns(kernel, [...kernel.tools.ip, option, '-force', '-batch', '-'], batch);
}

export function execInNetns(kernel: Kernel, program: Program, input: string): Promise<Output> {
  const { signal } = kernel;
  return exec(enter(kernel, program), { input, timeoutMs: timeLeft(kernel), signal });
}

/** How long a program may take, in milliseconds. */
export function timeLeft({ deadlineAt }: Kernel): number {
  return Math.max(deadlineAt - performance.now(), LAST_CALL_MS);
}

/** The command that runs a program in the netns. */
export function enter(
  { netns, tools, userNamespace, hideNameService }: Kernel,
  program: Program,
): Command {
  const user = userNamespace === undefined ? [] : ['--user=/proc/self/fd/4'];
  const hidden = hideNameService ? withoutNameService(tools) : [];
  const [file = '', ...words] = tools.nsenter;
  return {
    file,
    args: [...words, '--net=/proc/self/fd/3', ...user, '--', ...hidden, ...program],
    env: { ...tools.place.env, LC_ALL: 'C', XTABLES_LOCKFILE: '/proc/self/fd/3' },
    fds: userNamespace === undefined ? [netns.fd] : [netns.fd, userNamespace],
  };
}

/**
 * A prefix that runs a program where neither nsswitch.conf nor nscd is seen.
 *
 * `-m owner` asks the name service for the user "1337" before it takes it for a number, and with network
 * directories that takes up to a minute per rule. Where hiding fails, the program still does its work, only slower.
 *
 * @see https://git.netfilter.org/iptables/tree/extensions/libxt_owner.c?h=v1.8.9
 */
function withoutNameService({ place }: Tools): string[] {
  const [unshare, sh, mount] = ['unshare', 'sh', 'mount'].map((name) => findProgram(name, place));
  if (unshare === undefined || sh === undefined || mount === undefined) return [];
  const words = mount.map((_, i) => `"\${${i + 1}}"`).join(' ');
  const script =
    'for file in /etc/nsswitch.conf /var/run/nscd/socket; do ' +
    `[ ! -e "$file" ] || ${words} --bind /dev/null "$file" </dev/null >&2; done; ` +
    `shift ${mount.length}; exec "$@"`;
  const apart = [...unshare, '--mount', '--propagation', 'slave', '--'];
  return [...apart, ...sh, '-c', script, 'sh', ...mount];
}
