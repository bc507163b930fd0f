import { type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type Writable } from 'node:stream';

import { ExecError, killGroup, spawnCommand } from './exec.ts';
import { enter, type Kernel, timeLeft } from './kernel.ts';
import { type Program } from './tools.ts';
import { openScratch, readBack } from './unnamed.ts';

/** Programs side by side in a netns, started and waiting for their input. */
export interface Crew {
  /**
   * Gives each its input, in the order in which they were launched.
   *
   * @returns what each printed on stdout, and what all printed on stderr; not whether they ended well
   * @throws {ExecError} when they do not all end in time; those that are left are killed
   */
  finish(inputs: readonly string[]): Promise<{ stdouts: readonly string[]; stderr: string }>;
  /** Lets them end without having done anything. */
  dismiss(): void;
}

/** Behind stdin, stdout, stderr and the netns. A shell need not know descriptors above 9: enough for three programs. */
const FIRST_FD = 4;

/**
 * Launches programs from one shell, since it is we who are slow to start a process. The last one takes the shell's
 * place. Their words are arguments of the script, never part of it.
 *
 * @returns undefined where there is no room for what they print
 */
export function launch(
  kernel: Kernel,
  sh: Program,
  programs: readonly Program[],
): Crew | undefined {
  const outputs = openScratch(programs.length);
  if (outputs === undefined) return undefined;
  const command = enter(kernel, [...sh, '-c', script(programs), 'sh', ...programs.flat()]);
  const pipes = outputs.flatMap((output) => ['pipe', output] as const);
  let child: ChildProcess;
  try {
    child = spawnCommand(command, ['ignore', 'ignore', 'pipe', ...command.fds, ...pipes]);
  } catch (error) {
    outputs.forEach(closeSync);
    throw error;
  }
  const ended = new Promise<Error | undefined>((resolve) => {
    child.on('error', resolve);
    // Not `exit`: the shell's place may be left before the others are done. All of them hold stderr.
    child.on('close', () => {
      resolve(undefined);
    });
  });
  // Node.js makes no streams for what it could not start for want of file descriptors.
  const streams = (child.stdio as ChildProcess['stdio'] | undefined)?.slice(FIRST_FD) ?? [];
  const inputs = programs.map((_, i) => streams[2 * i] as Writable | undefined);
  for (const input of inputs) input?.on('error', () => undefined); // it says why on stderr
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return {
    finish: async (texts) => {
      inputs.forEach((input, i) => input?.end(texts[i] ?? ''));
      const kill = (): void => {
        if (child.pid !== undefined) killGroup(child.pid);
      };
      const timer = setTimeout(kill, timeLeft(kernel));
      kernel.signal?.addEventListener('abort', kill);
      if (kernel.signal?.aborted === true) kill();
      const failure = await ended;
      kernel.signal?.removeEventListener('abort', kill);
      clearTimeout(timer);
      const stdouts = outputs.map(readBack);
      outputs.forEach(closeSync);
      if (failure === undefined && child.signalCode === null) return { stdouts, stderr };
      const outcome = failure?.message ?? `ended by ${child.signalCode ?? 'a signal'}`;
      throw new ExecError(command, outcome, { stdout: stdouts.join(''), stderr });
    },
    dismiss: () => {
      // Told nothing yet, they have done nothing; and one that hangs would keep us alive.
      if (child.pid !== undefined) killGroup(child.pid);
      outputs.forEach(closeSync);
    },
  };
}

/** `"${1}" "${2}" <&4 >&5 & exec "${3}" <&6 >&7` */
function script(programs: readonly Program[]): string {
  let word = 0;
  const started = programs.map((program, i) => {
    const words = program.map(() => `"\${${(word += 1)}}"`);
    const fd = FIRST_FD + 2 * i;
    return `${words.join(' ')} <&${fd} >&${fd + 1}`;
  });
  const last = started.pop() ?? 'true';
  return [...started.map((command) => `${command} &`), `exec ${last}`].join(' ');
}
