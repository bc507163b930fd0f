import { codeOf } from '../cni/fileerror.ts';
import { causes } from '../cni/spec/error.ts';
import { nearest } from '../cni/spec/nearest.ts';
import { VERSION } from '../cni/version.ts';
import { renderAgentHelp } from './agenthelp.ts';
import { parseArguments } from './arguments.ts';
import {
  type Arguments,
  type Command,
  CommandError,
  ExitCode,
  type Io,
  usageError,
  type Entry,
} from './command.ts';
import { renderHelp, renderOverview } from './help.ts';
import { renderReport, withoutControls } from './output.ts';
import { type Style } from './style.ts';

export interface Call {
  /** As what it was called: `sluice`, `sluice-cni` */
  readonly program: string;
  readonly args: readonly string[];
  readonly style: Style;
}

/** Runs one command and prints what it tells. Never rejects. */
export async function runCommand(
  call: Call,
  commands: Readonly<Record<string, Entry>>,
  io: Io,
): Promise<ExitCode> {
  try {
    return await dispatch(call, commands, io);
  } catch (error) {
    io.stderr(withoutControls(renderError(call.program, error)));
    return error instanceof CommandError ? error.exitCode : ExitCode.unknown;
  }
}

async function dispatch(
  { program, args: [name = '--help', ...args], style }: Call,
  commands: Readonly<Record<string, Entry>>,
  io: Io,
): Promise<ExitCode> {
  if (['--version', '-v', 'version'].includes(name)) return print(io, `${program} ${VERSION}\n`);
  if (name === 'help' && args.length > 0) {
    return dispatch({ program, args: [...args, '--help'], style }, commands, io);
  }
  if (['--help', '-h', 'help'].includes(name)) return print(io, renderOverview(program, commands));

  // Where the agent's image stands in for that of istio-validation, the pod's arguments, which take CMD's place, begin so.
  if (name === 'istio-iptables')
    return dispatch({ program, args: ['validate', name, ...args], style }, commands, io);
  if (name === 'agent') {
    if (asksForHelp(args)) return print(io, renderAgentHelp(program));
    const [word = ''] = args;
    throw usageError(`cannot use "${word}": the agent takes variables alone, see \`agent --help\``);
  }
  const { command } = await entry(program, name, commands).load();
  if (asksForHelp(args)) return print(io, renderHelp(program, name, command));
  const { format, ...given }: Arguments & { format: 'text' | 'json' | 'yaml' } = parseArguments(
    command.rewrite?.(args) ?? args,
    command.options,
  );
  refuseMore(given.positionals, `${program} ${name}`, command);
  const report = await command.run(given, io);
  io.stdout(await renderReport(report, format, style));
  return report.exitCode;
}

function entry(program: string, name: string, commands: Readonly<Record<string, Entry>>): Entry {
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found) return found;
  if (name.startsWith('-')) {
    throw usageError(`cannot use "${name}" in front of a command: wanted ${program} <command> …`);
  }
  const likely = nearest(name, Object.keys(commands));
  // What is near, but begins otherwise, is seldom what was meant.
  const hint = likely.startsWith(name.charAt(0)) ? `did you mean "${likely}"? ` : '';
  throw usageError(`cannot run "${name}": ${hint}\`${program} --help\` lists all`);
}

/** A second word is not passed over: `explain default web-0` asks for something else than `explain default`. */
function refuseMore(
  words: readonly string[],
  line: string,
  { takes, offers, usage }: Command,
): void {
  const extra = words[takes ?? Math.min(offers.length, 1)];
  if (extra === undefined) return;
  throw usageError(`cannot use "${extra}" as well: wanted ${`${line} ${usage}`.trimEnd()}`);
}

/** Before all else is looked at: who asks for help need not have the rest right. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function print(io: Io, text: string): ExitCode {
  io.stdout(text);
  return ExitCode.fine;
}

function renderError(program: string, error: unknown): string {
  const known = error instanceof Error ? error : new Error(String(error));
  const lines = [`${program}: ${known.message}`, ...causes(known).map((cause) => `  ${cause}`)];
  if (isRefused(known) && !known.message.endsWith('as root')) lines.push('  is this run as root?');
  return lines.map((line) => `${line}\n`).join('');
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ['EACCES', 'EPERM'].includes(codeOf(error) ?? '') || isRefused(error.cause);
}
