import { codeOf } from '../../cni/fileerror.ts';
import { ExecError } from '../../cni/kernel/exec.ts';
import { inspect, type Inspection } from '../../cni/kernel/inspect.ts';
import { execInNetns, type Kernel } from '../../cni/kernel/kernel.ts';
import { lockNetns } from '../../cni/kernel/lock.ts';
import { asksNameService } from '../../cni/kernel/nameservice.ts';
import { closeNetns, openAnyNetns } from '../../cni/kernel/netns.ts';
import { toolboxBeside } from '../../cni/kernel/place.ts';
import { type Backend, findTools, needProgram } from '../../cni/kernel/tools.ts';
import { VERSION } from '../../cni/version.ts';
import { couldNotTell, type Place } from '../command.ts';
import { parseSockets, type Sockets } from './sockets.ts';

export const OWN_NETNS = '/proc/self/ns/net';

export interface HostOptions {
  /** The one that we run in, if absent. */
  readonly netns: string | undefined;
  readonly backend: 'auto' | Backend;
  readonly timeoutMs?: number;
}

/**
 * Works on the netns of a host: the one that we run in, which the plugin always refuses, or the given one. Nobody else
 * programs it meanwhile.
 *
 * @throws {CommandError} `unknown` when it cannot be worked on
 */
export async function onHost<T>(
  { toolsDir }: Place,
  { netns: path = OWN_NETNS, backend, timeoutMs = 30_000 }: HostOptions,
  work: (kernel: Kernel) => Promise<T>,
): Promise<T> {
  const deadlineAt = performance.now() + timeoutMs;
  const opened = await open(path, timeoutMs);
  try {
    const beside = toolboxBeside(process.execPath, VERSION);
    const tools = findTools(backend, toolsDir ?? beside);
    const hideNameService = asksNameService();
    return await work({
      netns: opened.netns,
      tools,
      hideNameService,
      userNamespace: undefined,
      deadlineAt,
    });
  } finally {
    opened.close();
  }
}

async function open(
  path: string,
  timeoutMs: number,
): Promise<{ readonly netns: Kernel['netns']; readonly close: () => void }> {
  try {
    const netns = openAnyNetns(path);
    const lock = await lockNetns(netns, timeoutMs);
    return {
      netns,
      close: () => {
        lock.release();
        closeNetns(netns);
      },
    };
  } catch (cause) {
    throw couldNotTell(`cannot work on the netns "${path}"${hintAt(cause)}`, cause);
  }
}

function hintAt(cause: unknown): string {
  return isDenied(cause) ? ': run this as root' : '';
}

function isDenied(error: unknown): boolean {
  if (['EPERM', 'EACCES'].includes(codeOf(error) ?? '')) return true;
  // A netns can be opened, and locked, by users who cannot enter it.
  if (error instanceof ExecError && error.stderr.includes('Operation not permitted')) return true;
  return error instanceof Error && isDenied(error.cause);
}

/** What is there now. @throws {CommandError} `unknown` */
export async function inspectHost(kernel: Kernel): Promise<Inspection> {
  try {
    return await inspect(kernel);
  } catch (cause) {
    throw couldNotTell(`cannot read the rules and routes of the host${hintAt(cause)}`, cause);
  }
}

/** Its addresses that are seen outside. */
export function addressesIn({ ipv4, ipv6 }: Inspection): string[] {
  return [...ipv4.routes.globalAddresses, ...ipv6.routes.globalAddresses];
}

/** Who listens there, whoever it is. A shell reads, because /proc shows each netns to those in it alone. */
export async function readSockets(kernel: Kernel): Promise<Sockets> {
  const sh = needProgram('sh', kernel.tools.place);
  const script =
    'for file in /proc/net/tcp /proc/net/tcp6; do [ ! -e "$file" ] || ' +
    'while read -r line; do echo "$line"; done < "$file"; done';
  const { stdout } = await execInNetns(kernel, [...sh, '-c', script], '');
  return parseSockets(stdout);
}
