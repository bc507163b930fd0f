import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type Command } from './entry.ts';

/** A process of a machine that goes on until it is stopped, or until the machine is. */
export interface Daemon {
  /** Where its output is. */
  readonly log: string;
  readonly isRunning: () => boolean;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** SIGTERM, and SIGKILL where that is not enough. */
  readonly stop: (timeoutMs?: number) => Promise<void>;
  /** What it said last, for whoever has to say why it is not there. */
  readonly tail: () => Promise<string>;
}

export function startDaemon({ file, args, env }: Command, log: string): Daemon {
  const output = { file: log, append: true };
  const child = execa(file, args, {
    ...{ env, extendEnv: false, detached: true, buffer: false, reject: false },
    ...{ stdin: 'ignore', stdout: output, stderr: output },
  });
  let isRunning = true;
  const ended = child.then(() => {
    isRunning = false;
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    for (const pid of await childrenOf(child.pid)) send(pid, signal);
  };
  return {
    log,
    isRunning: () => isRunning,
    kill,
    stop: async (timeoutMs = 10_000) => {
      await kill('SIGTERM');
      await Promise.race([ended, sleep(timeoutMs, undefined, { ref: false })]);
      if (isRunning) await kill('SIGKILL');
      await ended;
    },
    tail: async () => (await readFile(log, 'utf8').catch(() => '')).slice(-4_000),
  };
}

/** To somebody who may have ended a moment ago, by a signal before it or by itself. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Of the nsenter that waits outside, the one child is what was wanted inside. None where it has ended. */
async function childrenOf(pid = 0): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
