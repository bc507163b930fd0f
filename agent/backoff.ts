export interface Backoff {
  /** How long to wait after one more failure. */
  readonly nextMs: () => number;
  readonly reset: () => void;
}

export interface BackoffOptions {
  readonly firstMs?: number;
  readonly mostMs?: number;
  readonly random?: () => number;
}

/** Doubles up to a limit; each wait is between half and all of it, so that a cluster's agents do not come back in step. */
export function createBackoff({
  firstMs = 250,
  mostMs = 30_000,
  random = Math.random,
}: BackoffOptions = {}): Backoff {
  let fullMs = firstMs;
  return {
    nextMs: () => {
      const waitMs = fullMs * (0.5 + random() / 2);
      fullMs = Math.min(fullMs * 2, mostMs);
      return waitMs;
    },
    reset: () => {
      fullMs = firstMs;
    },
  };
}
