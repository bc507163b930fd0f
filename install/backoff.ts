/** What keeps happening to a file. */
export interface Tries {
  /** In a row. */
  readonly times: number;
  /** The next is allowed then, on the clock of `now`. */
  readonly nextAt: number;
  /** What the last one failed with; undefined if it was a success that did not last. */
  readonly failure: string | undefined;
}

export interface Backoff {
  readonly isAllowed: (key: string) => boolean;
  /** After each try, because a file that has to be put right again and again counts as well. */
  readonly note: (key: string, failure: string | undefined) => Tries;
  /** Undefined if there was none for a long time. */
  readonly tries: (key: string) => Tries | undefined;
}

interface Options {
  readonly now: () => number;
  readonly baseMs?: number;
  readonly maxMs?: number;
  /** So long without a try, and it starts anew. */
  readonly forgetMs?: number;
}

/** Successes in a row that need no wait: an owner may well write his file twice. */
export const FREE_TRIES = 3;

/** Waits longer with every try: two agents that both insist must not spend the node on it. */
export function createBackoff({
  now,
  baseMs = 1_000,
  maxMs = 60_000,
  forgetMs = 300_000,
}: Options): Backoff {
  const known = new Map<string, Tries>();
  const tries = (key: string): Tries | undefined => {
    const found = known.get(key);
    return found && now() - found.nextAt < forgetMs ? found : undefined;
  };
  return {
    tries,
    isAllowed: (key) => now() >= (tries(key)?.nextAt ?? -Infinity),
    note(key, failure) {
      const times = (tries(key)?.times ?? 0) + 1;
      const waits = failure === undefined ? times - FREE_TRIES : times;
      const delayMs = waits < 1 ? 0 : Math.min(maxMs, baseMs * 2 ** (waits - 1));
      const noted = { times, nextAt: now() + delayMs, failure };
      known.set(key, noted);
      return noted;
    },
  };
}
