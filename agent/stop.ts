import { once } from 'node:events';
import { type Logger } from 'pino';
import { type Installation } from './installation.ts';

interface Leaving {
  readonly log: Logger;
  readonly installation: Installation | undefined;
  /** Whether nobody comes after this agent. */
  readonly isForGood: () => Promise<boolean>;
  /** Ends what serves the plugin: at once or, on the way back, when no runtime starts it any more. */
  readonly end: () => Promise<void>;
}

/**
 * Waits for the stop and ends all. A stop alone removes nothing: another agent comes after most of them.
 *
 * @throws {Error} where the way back is barred; all has ended then, too
 */
export async function leaveWhen(stopped: AbortSignal, leaving: Leaving): Promise<void> {
  const { log, installation, isForGood, end } = leaving;
  if (!stopped.aborted) await once(stopped, 'abort');
  try {
    if (installation && (await isForGood())) {
      log.info('the DaemonSet of the agent is deleted: the plugin is to leave the node');
      const keeper = await installation.remove(end);
      if (keeper === undefined) log.info('nothing of Sluice is left on this node');
      else log.info({ keeper }, 'another agent keeps the plugin on this node: it stays');
    } else await installation?.release();
  } finally {
    await end();
  }
}
