import { once } from 'node:events';
import { killGroup, spawnCommand } from './exec.ts';
import { type Place, placeOf } from './place.ts';
import { findProgram, needProgram, type Program } from './tools.ts';

/** A netns that nobody else is in. */
export interface OwnNetns {
  readonly path: string;
  readonly close: () => Promise<void>;
}

/**
 * Makes a netns to try something in. It lives as long as a process that ends when its stdin does, so also when we are
 * killed.
 *
 * @param toolsDir is looked at first; undefined: only where distributions keep their programs
 * @throws {CniError} `noBackend` when there is no `unshare` or no shell
 * @param signal ends the making
 * @throws {Error} when it cannot be made
 */
export async function makeNetns(
  toolsDir: string | undefined,
  signal?: AbortSignal,
): Promise<OwnNetns> {
  signal?.throwIfAborted();
  const unshare = programOf('unshare', toolsDir);
  const waiting = [...programOf('sh', toolsDir), '-c', 'echo ready; read -r line'];
  const [file = '', ...args] = [...unshare, '--net', '--', ...waiting];
  const child = spawnCommand({ file, args, env: {}, fds: [] }, 'pipe');
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stdin?.on('error', () => undefined);
  const closed = once(child, 'close').catch((error: unknown) => [error]);
  const failed = closed.then(([outcome]: unknown[]) => {
    const reason = said.join('').trim() || String(outcome);
    throw new Error(`cannot make a netns: ${reason}`);
  });
  failed.catch(() => undefined); // it ends in any case
  const { stdout, pid } = child;
  const kill = (): void => {
    if (pid !== undefined) killGroup(pid);
  };
  signal?.addEventListener('abort', kill);
  // Whoever speaks has been started in there.
  await (stdout ? Promise.race([once(stdout, 'data'), failed]) : failed).finally(() => {
    signal?.removeEventListener('abort', kill);
  });
  return {
    path: `/proc/${String(pid)}/ns/net`,
    close: async () => {
      kill();
      await closed;
    },
  };
}

function programOf(name: string, toolsDir: string | undefined): Program {
  const host: Place = placeOf(undefined);
  return findProgram(name, placeOf(toolsDir)) ?? needProgram(name, host);
}
