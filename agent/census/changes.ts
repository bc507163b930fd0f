import { type Pods } from '../list.ts';

export interface ChangesOptions {
  /** How long changes are collected before they are told. */
  readonly settleMs?: number;
  /** At the least from one telling to the next: each may mean to search all processes of the node. */
  readonly pauseMs?: number;
  readonly onChanges: (uids: ReadonlySet<string>) => void;
}

/** Tells which pods are new or have changed, many at a time. */
export interface Changes {
  readonly follow: (pods: Pods) => void;
  readonly stop: () => void;
}

export function createChanges(options: ChangesOptions): Changes {
  const { settleMs = 100, pauseMs = 1_000, onChanges } = options;
  let changed = new Set<string>();
  let followed: Pods = new Map();
  let timer: NodeJS.Timeout | undefined;
  let toldAt = -Infinity;

  const tell = (): void => {
    const uids = changed;
    changed = new Set();
    timer = undefined;
    toldAt = performance.now();
    onChanges(uids);
  };
  return {
    follow: (pods) => {
      for (const [uid, pod] of pods) if (followed.get(uid) !== pod) changed.add(uid);
      followed = pods;
      if (changed.size === 0) return;
      timer ??= setTimeout(tell, Math.max(settleMs, toldAt + pauseMs - performance.now()));
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}
