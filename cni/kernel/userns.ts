import { closeSync, fstatSync, statSync } from 'node:fs';
import { CniError, ErrorCode } from '../spec/error.ts';
import { type Applied, applyRules, type Rulesets } from './apply.ts';
import { readIdMaps, renderIdMaps, unknownOwners } from './idmap.ts';
import { type Kernel } from './kernel.ts';
import { ioctl } from './native.ts';
import { removeAll } from './remove.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/nsfs.h */
const NS_GET_USERNS = 0xb701;

/**
 * Applies from inside the user namespace that owns the netns, after doing it from outside has failed.
 *
 * @throws {CniError} that failure if the netns is our user namespace's, else as `applyRules`
 */
export async function applyInside(
  kernel: Kernel,
  rulesets: Rulesets,
  failure: CniError,
): Promise<Applied> {
  return inside(kernel, failure, async (entered) => {
    try {
      return await applyRules(entered, rulesets);
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      await requireOwners(entered, rulesets, error);
      throw await undoneOutside(kernel, error, failure);
    }
  });
}

/** Removes from inside all that is ours: from outside, legacy tables that keep a foreign `-m owner` cannot be changed. */
export async function removeInside(kernel: Kernel, failure: Error): Promise<void> {
  await inside(kernel, failure, removeAll);
}

async function inside<T>(
  kernel: Kernel,
  failure: Error,
  work: (kernel: Kernel) => Promise<T>,
): Promise<T> {
  const owner = ownerAfter(kernel, failure);
  if (owner === undefined) throw failure;
  try {
    return await work({ ...kernel, userNamespace: owner.fd });
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

function ownerAfter({ netns }: Kernel, failure: Error): Owner | undefined {
  try {
    return openOwner(netns.fd);
  } catch (cause) {
    const message = 'cannot enter the user namespace of the pod, if it has one of its own';
    const parts = [failure.cause ?? failure, new Error(message, { cause })];
    const both = new AggregateError(parts, 'from outside and from inside');
    throw failure instanceof CniError
      ? new CniError(failure.code, failure.message, { cause: both })
      : both;
  }
}

/** @throws {CniError} that names the owners in the rules that the kernel refuses because they do not exist */
async function requireOwners(entered: Kernel, rulesets: Rulesets, cause: CniError): Promise<void> {
  const maps = await readIdMaps(entered).catch(() => undefined); // it cannot even be entered
  const unknown = maps === undefined ? [] : unknownOwners(rulesets, maps);
  if (maps === undefined || unknown.length === 0) return;
  const message =
    `cannot redirect the pod's traffic in netns "${entered.netns.path}": its user namespace has no ` +
    `${unknown.join(' and no ')}, only ${renderIdMaps(maps)}`;
  throw new CniError(cause.code, message, { cause });
}

/** What could not be removed because the user namespace cannot be entered can be removed from outside. */
async function undoneOutside(
  kernel: Kernel,
  error: CniError,
  failure: CniError,
): Promise<CniError> {
  if (error.code !== ErrorCode.notUndone) return error;
  try {
    await removeAll(kernel);
    return new CniError(ErrorCode.notApplied, failure.message, { cause: error.cause });
  } catch {
    return error; // as it says
  }
}
