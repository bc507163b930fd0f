import { readFileSync } from 'node:fs';
import { type Command, time } from './command.ts';

const CREATES = /^(?:\[pid +(\d+)\] |(\d+) +)?(?:<\.\.\. )?(?:clone3?|v?fork)(\(| resumed>)/;

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

/**
 * Counts in strace's output, where a call may be cut in two: only its first half has the flags. A call that a signal came
 * before has done nothing (`ERESTARTNOINTR`), and is begun anew.
 */
export function creations(trace: string): number {
  const isThread = new Map<string, boolean>();
  let count = 0;
  for (const line of trace.split('\n')) {
    const [, inBrackets, bare, half] = CREATES.exec(line) ?? [];
    if (half === undefined) continue;
    const caller = inBrackets ?? bare ?? '';
    if (half === '(') isThread.set(caller, line.includes('CLONE_THREAD'));
    if (isThread.get(caller)) continue;
    if (half === '(') count += 1;
    if (line.includes('= ? ERESTART')) count -= 1;
  }
  return count;
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
