import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Invocation } from '../../cni/spec/request.ts';

/** The packaged plugin, as a runtime would start it. */
export const executable = join(import.meta.dirname, '../../dist/sluice-cni');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** Signals the plugin itself, if what it was started through has become it; nothing happens after its end. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Takes away the reader of its stdout. */
  readonly stopReading: () => void;
}

interface Options {
  /** A command that takes another behind its own words and runs it, e.g. `strace -f`. */
  readonly through?: readonly string[];
}

/** Starts the packaged plugin with these variables and no others but a plain PATH. */
export function startPlugin({ env, stdin }: Invocation, { through = [] }: Options = {}): Running {
  const [file, ...args] = [...through, executable];
  const child = execa(file, args, {
    input: stdin,
    extendEnv: false,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    reject: false,
    stripFinalNewline: false,
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  return {
    ended: child.then(({ stdout, stderr, exitCode, signal }) => ({
      stdout,
      stderr,
      exitCode,
      signal,
    })),
    kill: (signal) => {
      child.kill(signal);
    },
    stopReading: () => {
      child.stdout.destroy();
    },
  };
}

export function runPlugin(invocation: Invocation, options: Options = {}): Promise<Ended> {
  return startPlugin(invocation, options).ended;
}

/** The error result of a plugin that failed, of which there must be one, alone on stdout, and exit code 1. */
export function errorResult({ stdout, stderr, exitCode }: Ended): ErrorResult {
  assert.equal(exitCode, 1, `${stdout}${stderr}`);
  const result = JSON.parse(stdout) as unknown;
  assert.ok(isErrorResult(result), stdout);
  return result;
}

export interface ErrorResult {
  readonly cniVersion: string;
  readonly code: number;
  readonly msg: string;
  readonly details: string;
}

function isErrorResult(value: unknown): value is ErrorResult {
  if (typeof value !== 'object' || value === null) return false;
  const types = Object.entries(value).map(([key, each]) => `${key}: ${typeof each}`);
  const wanted = ['cniVersion: string', 'code: number', 'details: string', 'msg: string'];
  return types.sort().join() === wanted.join();
}

/** The lines of the plugin's log. */
export function logged({ stderr }: Pick<Ended, 'stderr'>): readonly Record<string, unknown>[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{"level":'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
