import { parseArgs } from 'node:util';
import { type Arguments, type Option, usageError } from './command.ts';

export const FORMATS = ['text', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

/** What every command takes. */
export const COMMON: Readonly<Record<string, Option>> = {
  output: {
    type: 'string',
    short: 'o',
    words: FORMATS,
    meaning: 'how to print what was found; text by default',
  },
  help: { type: 'boolean', short: 'h', meaning: 'print what the command does, and an example' },
};

type Values = Readonly<Record<string, unknown>>;

/** @throws {CommandError} `usage` */
export function parseArguments(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
): Arguments & { readonly format: Format } {
  const all = { ...options, ...COMMON };
  const { values, positionals } = parsed(args, all);
  for (const [name, { words }] of Object.entries(all)) {
    const wrong = texts(values, name).find((text) => words && !words.includes(text));
    if (wrong !== undefined && words) {
      throw usageError(`cannot use --${name} "${wrong}": expected ${words.join(', ')}`);
    }
  }
  return {
    positionals,
    format: FORMATS.find((format) => format === values.output) ?? 'text',
    flag: (name) => values[name] === true,
    text: (name) => texts(values, name).at(-1),
    texts: (name) => texts(values, name),
  };
}

function parsed(
  args: readonly string[],
  all: Readonly<Record<string, Option>>,
): { readonly values: Values; readonly positionals: readonly string[] } {
  const options = Object.entries(all).map(([name, { type, short, multiple = false }]) => {
    const letter = short === undefined ? {} : { short };
    return [name, { type, multiple, ...letter }] as const;
  });
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: true,
    });
  } catch (error) {
    const [why = ''] = error instanceof Error ? error.message.split(/[.\n]/) : [];
    throw usageError(`cannot read the arguments: ${why.charAt(0).toLowerCase()}${why.slice(1)}`);
  }
}

function texts(values: Values, name: string): readonly string[] {
  return [values[name]].flat().filter((value) => typeof value === 'string');
}
