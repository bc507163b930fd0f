import { type Cause } from './observed.ts';

/** How the installation stands after the last look. */
export interface State {
  /** What the runtime will load holds our entry, last and equal, and all that it names is there. */
  readonly isComplete: boolean;
  /** One sentence, if it is not; also if it is, but somebody else keeps it. */
  readonly reason: string | undefined;
  readonly conflicts: readonly Conflict[];
}

/** Somebody who keeps undoing what we do. */
export interface Conflict {
  readonly path: string;
  readonly cause: Cause;
  /** That we put it right, in a row. */
  readonly times: number;
}

/** A step taken, for the log and the metrics. */
export interface Taken {
  readonly do: 'install' | 'write' | 'remove';
  readonly path: string;
  readonly cause: Cause;
  /** Overtaken: the file had changed since it was read, so it was left alone. */
  readonly outcome: 'done' | 'overtaken' | 'failed';
  readonly failure: Error | undefined;
}

/** What is told as it happens. */
export interface Report {
  readonly onStep: (taken: Taken) => void;
  /** Once for every time that we begin to wait longer. */
  readonly onConflict: (conflict: Conflict) => void;
}
