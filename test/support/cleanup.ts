export interface Cleanup {
  /** Remembers how to undo what has just been done. */
  readonly add: (undo: () => unknown) => void;
  /** Undoes everything, last first, each once; then throws what went wrong, if anything did. */
  readonly run: () => Promise<void>;
}

export function createCleanup(): Cleanup {
  const undos: (() => unknown)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = undos.pop(); undo; undo = undos.pop()) {
        try {
          await undo();
        } catch (failure) {
          failures.push(failure);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'cannot clean up everything');
    },
  };
}
