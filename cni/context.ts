import { type Host } from './host.ts';
import { type Log } from './log.ts';
import { type Settings } from './spec/config.ts';

/** What a verb is given beside its request. */
export interface Context {
  /** The node; loaded when first asked for, which an un-meshed pod's ADD never does. */
  host(): Promise<Host>;
  readonly log: Log;
  /** Aborted by SIGTERM, SIGINT and SIGHUP, which do not end the plugin from the first call on. */
  interruption(): AbortSignal;
}

/** The deadline on the clock of `performance.now()`, which began with this process. */
export function deadlineOf({ deadlineMs }: Settings): number {
  return deadlineMs;
}
