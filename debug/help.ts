import { VERSION } from '../cni/version.ts';
import { COMMON } from './arguments.ts';
import { type Command, type Option, type Entry } from './command.ts';
import { columns } from './columns.ts';

/** All commands on one screen. */
export function renderOverview(program: string, commands: Readonly<Record<string, Entry>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary]);
  return [
    `${program} ${VERSION}: asks this node about the pods whose traffic Sluice redirects\n\n`,
    `Usage: ${program} <command> [arguments] [-o text|json|yaml]\n\n`,
    columns(rows),
    `\n${program} <command> --help tells more, with an example. \`${program} agent\` is the node agent itself.\n`,
    'Exit code: 0 fine, 1 a problem was found, 2 wrong arguments, 3 could not tell.\n',
  ].join('');
}

export function renderHelp(program: string, name: string, command: Command): string {
  const { usage, description, example, options } = command;
  return [
    `Usage: ${program} ${name} ${usage}`.trimEnd(),
    `\n\n${description}\n\nOptions:\n`,
    columns(Object.entries({ ...options, ...COMMON }).map(optionRow)),
    `\nExample:\n  ${example.replace(`sluice ${name}`, `${program} ${name}`)}\n`,
  ].join('');
}

function optionRow([name, { short, value, words, type, meaning }]: [string, Option]): string[] {
  const letter = short === undefined ? '    ' : `-${short}, `;
  const behind = type === 'boolean' ? '' : ` ${words?.join('|') ?? value ?? '<text>'}`;
  return [`  ${letter}--${name}${behind}`, meaning];
}
