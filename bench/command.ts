import { spawn, spawnSync } from 'node:child_process';

/** What a runtime starts: a file, its arguments, its whole environment, its stdin. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

export interface Run {
  readonly ms: number;
  /** What it said, if it did not end with 0. */
  readonly failure: string | undefined;
}

/** Runs a command alone; nothing else of ours goes on meanwhile. */
export function time({ file, args, env, input }: Command): Run {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, { env, input, encoding: 'utf8' });
  const ms = performance.now() - started;
  return { ms, failure: status === 0 ? undefined : `exit code ${status}: ${stdout}${stderr}` };
}

/** Runs commands at once, until the last has ended. */
export async function timeTogether(commands: readonly Command[]): Promise<Run> {
  const started = performance.now();
  const outcomes = await Promise.all(commands.map(start));
  const ms = performance.now() - started;
  const failures = outcomes.filter((outcome) => outcome !== undefined);
  return { ms, failure: failures.length > 0 ? failures.join('\n') : undefined };
}

function start({ file, args, env, input }: Command): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env });
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code === 0 ? undefined : `exit code ${code}: ${said}`);
    });
    child.stdin.end(input);
  });
}
