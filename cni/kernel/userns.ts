import { closeSync, fstatSync, statSync } from 'node:fs';
import { type ExecError, type Output } from './exec.ts';
import { readIdMaps, renderIdMaps, unknownOwners } from './idmap.ts';
import { execInNetns, type Kernel } from './kernel.ts';
import { ioctl } from './native.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/nsfs.h */
const NS_GET_USERNS = 0xb701;

interface Refused {
  readonly program: readonly string[];
  readonly input: string;
  /** What it failed with from outside. */
  readonly refusal: ExecError;
}

/**
 * Runs a program from inside the user namespace that owns the netns, after doing it from outside has failed.
 *
 * @throws {ExecError} `refusal` if that user namespace is ours, or cannot be opened; then the reason is its cause
 * @throws {Error} that names the users and groups in the input that do not exist there
 */
export async function execInside(
  kernel: Kernel,
  { program, input, refusal }: Refused,
): Promise<Output> {
  const owner = ownerAfter(refusal, kernel);
  if (owner === undefined) throw refusal;
  const entered = { ...kernel, userNamespace: owner.fd };
  try {
    return await execInNetns(entered, program, input);
  } catch (cause) {
    await requireOwners(entered, input, cause);
    throw cause;
  } finally {
    owner.close();
  }
}

/** An open user namespace. */
export interface Owner {
  readonly fd: number;
  close(): void;
}

/**
 * Opens the user namespace that owns a netns; undefined if that is ours. Searching `/proc` would not do: at
 * the time of an ADD, no process need be in it.
 *
 * @throws {Error} when the kernel cannot be asked, or does not tell
 */
export function openOwner(netns: number, ownUserns = '/proc/self/ns/user'): Owner | undefined {
  const fd = ioctl(netns, NS_GET_USERNS);
  const close = (): void => {
    closeSync(fd);
  };
  if (fstatSync(fd).ino !== statSync(ownUserns).ino) return { fd, close };
  close();
  return undefined;
}

function ownerAfter(refusal: ExecError, { netns }: Kernel): Owner | undefined {
  try {
    return openOwner(netns.fd);
  } catch (cause) {
    const message = 'cannot enter the user namespace of the pod, if it has one of its own';
    refusal.cause = new Error(message, { cause });
    throw refusal;
  }
}

/** The kernel calls an owner that does not exist an invalid argument. */
async function requireOwners(entered: Kernel, input: string, cause: unknown): Promise<void> {
  const maps = await readIdMaps(entered).catch(() => undefined); // it cannot even be entered
  const unknown = maps === undefined ? [] : unknownOwners(input, maps);
  if (maps === undefined || unknown.length === 0) return;
  const message = `the user namespace of the pod has no ${unknown.join(' and no ')}, only ${renderIdMaps(maps)}`;
  throw new Error(message, { cause });
}
