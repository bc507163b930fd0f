import { type Style } from './style.ts';

/** Of every command: never is "could not tell" taken for "fine". */
export const ExitCode = {
  fine: 0,
  problem: 1,
  usage: 2,
  unknown: 3,
  /** What istio-cni takes for a pod that has to be repaired; only where its validation is stood in for. */
  unredirected: 126,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What `debug/commands.ts` names, and loads when it is called for. */
export interface Command {
  /** What stands behind the command's name: `<namespace>/<pod> [--live]` */
  readonly usage: string;
  /** A whole line that works: `sluice explain default/web-0` */
  readonly example: string;
  /** What it does, in one to five lines for the help. */
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What the first argument can be, for completion and the hint at a wrong one. */
  readonly offers: 'pods' | 'files' | readonly string[];
  /** How many words; by default one where something is offered, else none. */
  readonly takes?: number;
  /** Makes ours of arguments that another program defined, before they are looked at. */
  readonly rewrite?: (args: readonly string[]) => readonly string[];
  readonly run: (args: Arguments, io: Io) => Promise<Report>;
}

/** A command in the list of all, and where it is. */
export interface Entry {
  /** For the list of all: a few words, no stop. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** An option by its long name, as `parseArgs` of `node:util` takes it; `-o`, `-h` and their long forms are of the frame. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands behind it in the help: `<file>` */
  readonly value?: string;
  /** The only values taken. */
  readonly words?: readonly string[];
  readonly meaning: string;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly flag: (name: string) => boolean;
  /** The last one given; undefined if there is none. */
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
}

/** What a command tells. */
export interface Report {
  readonly exitCode: ExitCode;
  /** What `-o json` and `-o yaml` print: as `debug/schemas/<command>.json` has it. */
  readonly value: unknown;
  /** What a person reads, of the same value; ends with a line feed. */
  readonly text: (style: Style) => string;
}

/** The process as a command sees it. What a command finds it returns; it writes itself only what cannot wait. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** All of stdin. */
  readonly stdin: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly place: Place;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Where things are on this node: the agent's variables, or their defaults. */
export interface Place {
  readonly stateDir: string;
  readonly agentSocket: string;
  readonly netDir: string;
  readonly binDir: string;
  /** Undefined: beside the installed plugin, else where distributions keep their programs. */
  readonly toolsDir: string | undefined;
}

/** Ends a command without a report: its message is the one line that is shown, its causes below. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function usageError(message: string, cause?: unknown): CommandError {
  return new CommandError(ExitCode.usage, message, { cause });
}

/** For what cannot be found out: neither fine nor a problem. */
export function couldNotTell(message: string, cause?: unknown): CommandError {
  return new CommandError(ExitCode.unknown, message, { cause });
}
