import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Invocation } from '../../cni/spec/request.ts';
import { type Ended, runPlugin } from './plugin.ts';

export interface Traced extends Ended {
  /** System calls in order of each process, e.g. `execve("/usr/bin/nsenter", …) = 0`, without process IDs. */
  readonly calls: readonly string[];
}

/** Runs the packaged plugin under strace. @param calls as strace's `-e trace=` takes them */
export async function tracePlugin(invocation: Invocation, calls: string): Promise<Traced> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-trace-'));
  try {
    const file = join(directory, 'trace');
    // Strings whole: an argument of an execve is to be read to its end.
    const through = [
      'strace',
      '-f',
      '-qq',
      '-s',
      '65536',
      '-v',
      '-e',
      `trace=${calls}`,
      '-o',
      file,
    ];
    const ended = await runPlugin(invocation, { through });
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return { ...ended, calls: lines.map((line) => line.replace(/^\d+ +/, '')) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
