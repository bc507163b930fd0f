import { readFileSync } from 'node:fs';
import { type Command, time } from './command.ts';

const CREATES = /^(?:\[pid +\d+\] |\d+ +)?(?:clone3?|v?fork)\(/;

/**
 * How many processes a command starts, at any depth; threads do not count.
 *
 * @param trace where strace may write
 */
export function countChildren(command: Command, trace: string): number {
  const { file, args } = command;
  const options = ['-f', '-qq', '-e', 'trace=process', '-e', 'signal=none', '-o', trace];
  const { failure } = time({
    ...command,
    file: '/usr/bin/strace',
    args: [...options, file, ...args],
  });
  if (failure !== undefined) throw new Error(`cannot trace ${file}: ${failure}`);
  return creations(readFileSync(trace, 'utf8'));
}

/** Counts in strace's output, where a call may be cut in two: only its first half has the flags. */
export function creations(trace: string): number {
  const calls = trace.split('\n').filter((line) => CREATES.test(line));
  return calls.filter((line) => !line.includes('CLONE_THREAD')).length;
}

/** The largest resident set among a command and what it started, in MB. */
export function measureRss(command: Command, output: string): number {
  const { file, args } = command;
  const options = ['-f', '%M', '-o', output];
  const { failure } = time({
    ...command,
    file: '/usr/bin/time',
    args: [...options, file, ...args],
  });
  if (failure !== undefined) throw new Error(`cannot measure ${file}: ${failure}`);
  return Number(readFileSync(output, 'utf8')) / 1024;
}
