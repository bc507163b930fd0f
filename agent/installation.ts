/** The plugin on the node: put there and kept. */
export interface Installation {
  /** Keeps it installed, until aborted; nothing is taken away then. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  readonly isComplete: () => boolean;
}
