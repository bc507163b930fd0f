import { setTimeout as sleep } from 'node:timers/promises';
import { type Changes, type Fact, readFacts, sweepFacts, writeFacts } from './disk.ts';
import { type Pods } from './list.ts';
import { isThisPod, type Pod } from './pod.ts';

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
}

/** A fact, and whether the API server has told it to this process, or to one before. */
export interface Known extends Fact {
  readonly source: 'watch' | 'disk';
}

/** The pods of this node, in memory and on disk. */
export interface Store {
  readonly size: () => number;
  readonly all: () => readonly Pod[];
  /** Pods of this name; the one that is meant comes first. */
  readonly find: (ref: PodRef) => Known | undefined;
  /** Takes over what the API server says: all pods of the node there are. */
  readonly update: (pods: Pods) => void;
  /** How many pods the disk does not hold as memory does. */
  readonly waiting: () => number;
  /** Resolves when the disk holds what memory does, or refuses to. */
  readonly flush: () => Promise<void>;
}

export interface StoreOptions {
  readonly directory: string;
  readonly retryMs?: number;
  readonly now?: () => Date;
  /** Told once until it succeeds again. */
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** A store of what the disk holds. A disk that cannot be read or written is reported, and memory serves alone. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory, onFailure, now = () => new Date() } = options;
  const stored = await sweepFacts(directory)
    .then(() => readFacts(directory))
    .catch((error: unknown) => {
      onFailure(error);
      return [];
    });
  const known = new Map<string, Known>(
    stored.map((fact) => [fact.pod.metadata.uid, { ...fact, source: 'disk' }]),
  );
  const writer = createWriter(options);
  return {
    size: () => known.size,
    all: () => [...known.values()].map(({ pod }) => pod),
    find: (ref) => {
      const named = [...known.values()].filter(
        ({ pod: { metadata } }) =>
          metadata.namespace === ref.namespace && metadata.name === ref.name,
      );
      return named.findLast(({ pod }) => isThisPod(pod, ref.uid)) ?? named.at(-1);
    },
    update: (pods) => {
      const changes = new Map<string, Fact | undefined>();
      for (const uid of known.keys()) {
        if (pods.has(uid)) continue;
        known.delete(uid);
        changes.set(uid, undefined);
      }
      for (const [uid, pod] of pods) {
        const before = known.get(uid);
        if (before?.pod === pod) continue;
        const fact = { pod, observedAt: now().toISOString() };
        known.set(uid, { ...fact, source: 'watch' });
        if (!before || saying(before.pod) !== saying(pod)) changes.set(uid, fact);
      }
      writer.write(changes);
    },
    waiting: writer.waiting,
    flush: writer.flush,
  };
}

/** A pod's status changes more often than all that we keep of it, and each write costs the disk a sync. */
function saying({ metadata, spec }: Pod): string {
  return JSON.stringify({ metadata: { ...metadata, resourceVersion: '' }, spec });
}

/** Writes behind: one batch at a time, later changes of a pod instead of earlier ones. */
function createWriter({ directory, retryMs = 10_000, onFailure, signal }: StoreOptions): {
  write: (changes: Changes) => void;
  waiting: () => number;
  flush: () => Promise<void>;
} {
  let pending: Changes = new Map();
  let writing: Changes = new Map();
  let failed = false;
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (pending.size > 0) {
      writing = pending;
      pending = new Map();
      try {
        await writeFacts(directory, writing);
        writing = new Map();
        failed = false;
      } catch (error) {
        if (!failed) onFailure(error);
        failed = true;
        pending = new Map([...writing, ...pending]);
        writing = new Map();
        if (signal.aborted) return;
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const start = (): Promise<void> =>
    (running ??= drain().finally(() => {
      running = undefined;
    }));
  return {
    write: (changes) => {
      if (changes.size === 0) return;
      pending = new Map([...pending, ...changes]);
      void start();
    },
    waiting: () => new Set([...writing.keys(), ...pending.keys()]).size,
    flush: () => running ?? Promise.resolve(),
  };
}
