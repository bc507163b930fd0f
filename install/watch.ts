import { type FSWatcher, statSync, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface Options {
  readonly signal: AbortSignal;
  /** The longest time between two acts, asked for before each. */
  readonly waitMs: () => number;
  /** After a change, for the changes that come with it; so also the shortest time between two acts. */
  readonly settleMs?: number;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Which directory it watches. */
  readonly identity: string;
}

/**
 * Acts at once, then whenever something in one of the directories changed, or after `waitMs` if nothing did, until
 * aborted. Directories that are not there yet, or that the kernel cannot watch, are looked at no more often than that.
 */
export async function onEachChange(
  directories: readonly string[],
  act: () => Promise<unknown>,
  { signal, waitMs, settleMs = 100 }: Options,
): Promise<void> {
  const watched = new Map<string, Watched>();
  let changed = new AbortController();
  const onChange = (): void => {
    changed.abort();
  };
  try {
    while (!signal.aborted) {
      for (const directory of directories) arm(watched, directory, onChange);
      await act();
      await pause(waitMs(), AbortSignal.any([signal, changed.signal]));
      if (changed.signal.aborted) await pause(settleMs, signal);
      changed = new AbortController();
    }
  } finally {
    for (const { watcher } of watched.values()) watcher.close();
  }
}

/** A directory that was removed and made again is another one, and the kernel watches the old one only. */
function arm(watched: Map<string, Watched>, directory: string, onChange: () => void): void {
  try {
    const identity = identityOf(directory);
    const existing = watched.get(directory);
    if (existing && existing.identity === identity) return;
    existing?.watcher.close();
    watched.delete(directory);
    if (identity === undefined) return;
    const watcher = watch(directory, onChange);
    watcher.on('error', () => {
      watched.delete(directory);
      watcher.close();
    });
    watched.set(directory, { watcher, identity });
  } catch {
    // No watches left on this node, most likely: looking now and then has to do.
  }
}

/** ext4 gives the inode of a directory that was just removed to the next one. Undefined where there is none. */
function identityOf(directory: string): string | undefined {
  const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
  return stats && [stats.dev, stats.ino, stats.birthtimeNs].join(':');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
