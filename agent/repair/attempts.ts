/** When which pod may be tried again; by UID, because a pod of the same name is another pod. */
export interface Attempts {
  /** In milliseconds; 0: now. */
  readonly waitMs: (uid: string) => number;
  /** Each wait is twice as long as the one before. */
  readonly note: (uid: string) => void;
  /** Forgets pods that are gone, and those that were right for long. */
  readonly keep: (uids: ReadonlySet<string>) => void;
}

export interface AttemptsOptions {
  readonly firstMs?: number;
  readonly mostMs?: number;
  readonly clock?: () => number;
}

export const LONGEST_WAIT_MS = 300_000;

interface Attempt {
  readonly at: number;
  readonly waitMs: number;
}

/**
 * A success counts as well: somebody who keeps taking our rules away is not fought at full speed. Who was left alone
 * for twice as long as it had to wait begins anew.
 */
export function createAttempts({
  firstMs = 2_000,
  mostMs = LONGEST_WAIT_MS,
  clock = () => performance.now(),
}: AttemptsOptions = {}): Attempts {
  const attempts = new Map<string, Attempt>();
  return {
    waitMs: (uid) => {
      const last = attempts.get(uid);
      return last ? Math.max(0, last.at + last.waitMs - clock()) : 0;
    },
    note: (uid) => {
      const last = attempts.get(uid);
      const waitMs = last ? Math.min(last.waitMs * 2, mostMs) : firstMs;
      attempts.set(uid, { at: clock(), waitMs });
    },
    keep: (uids) => {
      for (const [uid, { at, waitMs }] of attempts) {
        if (!uids.has(uid) || clock() - at > waitMs * 3) attempts.delete(uid);
      }
    },
  };
}
