/** `npm run demo`: the process around the demo: arguments, signals, the last word, the exit code. */
import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LOCKS } from '../cni/kernel/lock.ts';
import { createCleanup } from '../test/support/cleanup.ts';
import { runDemo } from './demo.ts';
import { demoDirectory, demoName, removeLeftovers } from './leftovers.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const started = performance.now();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not once: a second Ctrl-C must not end the cleaning up.
  process.on(signal, () => {
    process.exitCode ??= exitCodes[signal];
    stop.abort(new Error(`the demo was stopped by ${signal}`));
  });
}
// A reader that has gone (`2>&1 | head`) is no reason to leave anything behind.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    stop.abort(new Error('the demo was stopped: nobody reads what it prints'));
  });
}

const cleanup = createCleanup();
// Where the plugin has its locks: no directory of the demo's own, unless nobody had it before.
const missing = [LOCKS, dirname(LOCKS)].filter((path) => !existsSync(path));
cleanup.add(() => removeEmpty(missing));
const directory = demoDirectory(process.pid);
cleanup.add(() => rm(directory, { recursive: true, force: true }));
try {
  if (process.getuid?.() !== 0) {
    throw new Error('the demo expects to run as root, because it makes network namespaces');
  }
  for (const name of await removeLeftovers()) print(`removed ${name}, left by an earlier run\n`);
  const failures = await runDemo({
    prefix: demoName(process.pid),
    directory,
    pluginPath: join(import.meta.dirname, '../dist'),
    step,
    print,
    cleanup,
    signal: stop.signal,
  });
  conclude(failures);
} catch (error) {
  complain(stop.signal.aborted ? stop.signal.reason : error);
}
await cleanUp();

/** Leaves what somebody else uses by now. */
async function removeEmpty(directories: readonly string[]): Promise<void> {
  for (const path of directories) await rmdir(path).catch(() => undefined);
}

/** Says what comes next, unless there is to be nothing more. */
function step(title: string): void {
  stop.signal.throwIfAborted();
  print(`… ${title}\n`);
}

function print(text: string): void {
  process.stdout.write(text);
}

/** The exit code of a signal that came before stays. */
function complain(failure: unknown): void {
  process.exitCode ??= 1;
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
}

/** All of it in one line: what follows a signal is to be short. */
async function cleanUp(): Promise<void> {
  try {
    await cleanup.run();
  } catch (error) {
    const failures: unknown[] = error instanceof AggregateError ? error.errors : [error];
    const messages = failures.map((each) => String(each).split('\n')[0]);
    complain(`cannot clean up everything: ${messages.join('; ')}`);
  }
}

function conclude(failures: readonly string[]): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const time = `the demo took ${seconds} s, what npm did before it not counted`;
  if (failures.length === 0) {
    print(`\nEverything went where it belongs; ${time}.\n`);
    return;
  }
  process.exitCode ??= 1;
  print(`\nNot as expected (${failures.length}); ${time}:\n`);
  for (const failure of failures) print(`  ${failure}\n`);
}
