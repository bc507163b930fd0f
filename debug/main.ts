import { basename } from 'node:path';
import { readStdin, writeFully } from '../cni/stdio.ts';
import { type Io } from './command.ts';
import { COMMANDS } from './commands.ts';
import { placeOf } from './place.ts';
import { runCommand } from './run.ts';
import { COLOURED, PLAIN } from './style.ts';

const STDOUT = 1;
const STDERR = 2;

async function main(): Promise<void> {
  const { env } = process;
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  const io: Io = {
    stdout: (text) => writeFully(STDOUT, text),
    stderr: (text) => writeFully(STDERR, text),
    stdin: readStdin,
    env,
    cwd: process.cwd(),
    place: placeOf(env),
    signal: stop.signal,
  };
  const isColoured = process.stdout.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const style = isColoured ? COLOURED : PLAIN;
  const program = basename(process.argv0) === 'sluice-cni' ? 'sluice-cni' : 'sluice';
  process.exitCode = await runCommand(
    { program, args: process.argv.slice(2), style },
    COMMANDS,
    io,
  );
}

// Not awaited at the top level: what is packaged is a CommonJS script.
void main();
