import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Netns } from './netns.ts';

/** Where and as whom a command runs; without an owner as root. */
export interface Place {
  readonly netns: Netns;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Nothing takes that long, on the slowest of machines either. Waiting ends only so that the test says what it waited for:
 * before Mocha's 60 s, which do not.
 */
export const PATIENCE_MS = 30_000;

/** A process that goes on until it is stopped, or until we are gone. */
export interface Daemon {
  readonly pid: number;
  readonly lines: readonly string[];
  /** The first line on stdout that is wanted, past ones included; undefined if none comes in time. */
  readonly line: (
    isWanted: (line: string) => boolean,
    timeoutMs?: number,
  ) => Promise<string | undefined>;
  /** Writes one line to its stdin. */
  readonly say: (line: string) => void;
  /** Nothing happens where it has ended already. */
  readonly stop: () => Promise<void>;
}

/** Runs a command to its end, which must be success. */
export async function run(place: Place, command: readonly string[], input = ''): Promise<string> {
  const { stdout } = await execa('nsenter', enter(place, command), { input, timeout: 20_000 });
  return stdout;
}

export function start(place: Place, command: readonly string[]): Daemon {
  const child = execa('nsenter', enter(place, command), {
    cwd: '/', // ours may be closed to the owner, and HAProxy insists on going back to it
    stdin: 'pipe',
    buffer: { stdout: false },
    reject: false,
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  return {
    pid: child.pid ?? 0,
    lines,
    async line(isWanted, timeoutMs = PATIENCE_MS) {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const line = lines.find(isWanted);
        if (line !== undefined || signal.aborted) return line;
        const result = await Promise.race([
          child,
          once(reader, 'line', { signal }).catch(() => []),
        ]);
        if ('stderr' in result) throw new Error(`"${command.join(' ')}" ended: ${result.stderr}`);
      }
    },
    say(line) {
      child.stdin.write(`${line}\n`);
    },
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/** Starts a program of this folder, and waits until it says that it is ready. */
export async function startProgram(
  netns: Netns,
  file: string,
  args: readonly string[],
): Promise<Daemon> {
  const program = start({ netns }, [...programCommand(file), ...args]);
  try {
    if (await program.line((line) => line === 'ready')) return program;
    throw new Error(`cannot start ${file} ${args.join(' ')}: it is not ready in time`);
  } catch (failure) {
    await program.stop();
    throw failure;
  }
}

function programCommand(file: string): string[] {
  return [process.execPath, '--no-warnings', fileURLToPath(new URL(file, import.meta.url))];
}

/** Each part becomes the next by exec, so one process is all there is, and it dies with its parent. */
function enter({ netns, owner }: Place, command: readonly string[]): string[] {
  const ids = owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];
  return [`--net=${netns.path}`, '--', 'setpriv', ...ids, '--pdeathsig=KILL', ...command];
}
