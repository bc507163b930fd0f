import { CniError } from '../spec/error.ts';
import { type Applied, applyRules, type Rulesets } from './apply.ts';
import { inspect, type Inspection } from './inspect.ts';
import { type Kernel } from './kernel.ts';
import { lockNetns } from './lock.ts';
import { asksNameService } from './nameservice.ts';
import { closeNetns, openNetns } from './netns.ts';
import { removeAll } from './remove.ts';
import { type Backend, findTools } from './tools.ts';

export interface SessionOptions {
  readonly backend: 'auto' | Backend;
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number;
}

/** A pod's netns, held open and locked until `close`. */
export interface Session {
  readonly inode: number;
  readonly backend: Backend;
  apply(rulesets: Rulesets): Promise<Applied>;
  /** Removes all that is ours. */
  undo(): Promise<void>;
  inspect(): Promise<Inspection>;
  close(): void;
}

/** @throws {CniError} `unknownContainer`, `invalidNetns`, `noBackend`, `tryAgainLater` */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  const { backend, toolsDir, deadlineAt } = options;
  const netns = openNetns(path);
  try {
    const tools = findTools(backend, toolsDir === undefined ? undefined : [toolsDir]);
    const lock = await lockNetns(netns, deadlineAt - performance.now());
    const hideNameService = asksNameService();
    const kernel: Kernel = { netns, tools, hideNameService, userNamespace: undefined, deadlineAt };
    return {
      inode: netns.inode,
      backend: tools.backend,
      apply: (rulesets) => applyAnyway(kernel, rulesets),
      undo: () => removeAnyway(kernel),
      inspect: () => inspect(kernel),
      close: () => {
        lock.release();
        closeNetns(netns);
      },
    };
  } catch (error) {
    closeNetns(netns);
    throw error;
  }
}

/**
 * Applies from outside, and if that fails and the netns belongs to another user namespace (a pod with
 * `hostUsers: false`), once more from inside of that: `-m owner` is refused to everybody else.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/net/netfilter/xt_owner.c
 */
async function applyAnyway(kernel: Kernel, rulesets: Rulesets): Promise<Applied> {
  try {
    return await applyRules(kernel, rulesets);
  } catch (failure) {
    if (!(failure instanceof CniError)) throw failure;
    const { applyInside } = await import('./userns.ts');
    return applyInside(kernel, rulesets, failure);
  }
}

async function removeAnyway(kernel: Kernel): Promise<void> {
  try {
    await removeAll(kernel);
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    const { removeInside } = await import('./userns.ts');
    await removeInside(kernel, failure);
  }
}
