import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Inherited by the process as file descriptors 3, 4, … */
  readonly fds: readonly number[];
}

export interface ExecOptions {
  readonly input: string;
  readonly timeoutMs: number;
  /** Once aborted, the command is killed, or not even started. */
  readonly signal?: AbortSignal | undefined;
  /** Kills it and what it has started; by default all that is in its group. */
  readonly kill?: (pid: number) => void;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that did not end with exit code 0; its message is the transcript: command, outcome, what it said. */
export class ExecError extends Error {
  override readonly name = 'ExecError';
  readonly stdout: string;
  readonly stderr: string;

  constructor({ file, args }: Command, outcome: string, output: Output) {
    const said = output.stderr.trim().replaceAll(/\s*\n\s*/g, '; ');
    super([`${[file, ...args].join(' ')}: ${outcome}`, said].filter(Boolean).join(': '));
    this.stdout = output.stdout;
    this.stderr = output.stderr;
  }
}

/**
 * Runs a command with exactly this environment and input, without a shell.
 *
 * @throws {ExecError} when it cannot be started, ends with another code than 0, or outlives `timeoutMs` or `signal` (it
 * is killed then)
 */
export function exec(
  command: Command,
  { input, timeoutMs, signal, kill = killGroup }: ExecOptions,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    let killed: string | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (outcome: string): void => {
      settle();
      reject(new ExecError(command, outcome, output));
    };
    const end = (why: string): void => {
      killed = why;
      // Of one that has ended, only the group is certainly its own still.
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (child.pid !== undefined) (hasEnded ? killGroup : kill)(child.pid);
      // Whoever still holds the pipes must not make us wait for `close`.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const onAbort = (): void => {
      end('killed, because we were told to stop');
    };
    if (signal?.aborted === true) {
      reject(new ExecError(command, 'not started, because we were told to stop', output));
      return;
    }
    const child = spawnCommand(command, ['pipe', 'pipe', 'pipe', ...command.fds]);
    const timer = setTimeout(end, timeoutMs, `no end within ${Math.round(timeoutMs)} ms`);
    signal?.addEventListener('abort', onAbort);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.on('error', (error) => {
      fail(error.message);
    });
    child.on('close', (code, signal) => {
      if (killed !== undefined) fail(killed);
      else if (code !== 0) fail(code === null ? `ended by ${String(signal)}` : `exit code ${code}`);
      else {
        settle();
        resolve(output);
      }
    });
    // A process that dies before it has read everything says why on stderr; EPIPE adds nothing.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** In a group of its own: a Ctrl-C meant for us must not kill a restore half way. */
export function spawnCommand({ file, args, env }: Command, stdio: StdioOptions): ChildProcess {
  return spawn(file, args, { env, stdio, detached: true });
}

/** A shell's children belong to its group, and must not outlive it. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
