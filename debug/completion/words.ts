import { COMMON } from '../arguments.ts';
import { type Command, type Option, type Place, type Entry } from '../command.ts';
import { knownPods, nameOf } from '../pods.ts';

/** What a shell may put in place of the last word, which may have begun; `files`: whatever files there are. */
export type Words = readonly string[] | 'files';

/** @param words what stands behind the program's name, the one to be completed last */
export async function completionWords(
  words: readonly string[],
  commands: Readonly<Record<string, Entry>>,
  place: Pick<Place, 'stateDir'>,
): Promise<Words> {
  const [name = '', ...args] = words;
  if (words.length <= 1) return matching(name, [...Object.keys(commands), 'help']);
  if (name === 'help' && words.length === 2) return matching(args[0] ?? '', Object.keys(commands));
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) return [];
  const { command } = await entry.load();
  const offered = await offers(command, args, place);
  return offered === 'files' ? offered : matching(args.at(-1) ?? '', offered);
}

async function offers(
  command: Command,
  args: readonly string[],
  place: Pick<Place, 'stateDir'>,
): Promise<Words> {
  const options = { ...command.options, ...COMMON };
  const last = args.at(-1) ?? '';
  const before = optionOf(args.at(-2) ?? '', options);
  if (before?.type === 'string') return before.words ?? valuesOf(before, place);
  if (last.startsWith('-')) return Object.keys(options).map((name) => `--${name}`);
  if (positionalsBefore(args, options) > 0) return [];
  if (command.offers === 'pods') return (await knownPods(place)).map(nameOf);
  return command.offers;
}

/** What the node's own state tells of the values that an option takes. */
async function valuesOf({ value }: Option, place: Pick<Place, 'stateDir'>): Promise<Words> {
  if (value === '<file>') return 'files';
  if (value === '<namespace>/<pod>') return (await knownPods(place)).map(nameOf);
  if (value !== '<namespace>') return [];
  return [...new Set((await knownPods(place)).map(({ namespace }) => namespace))];
}

/** How many words before the last one are neither options nor values of some. */
function positionalsBefore(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
): number {
  const before = args.slice(0, -1);
  return before.filter(
    (word, i) => !word.startsWith('-') && optionOf(before[i - 1] ?? '', options)?.type !== 'string',
  ).length;
}

function optionOf(word: string, options: Readonly<Record<string, Option>>): Option | undefined {
  if (!word.startsWith('-')) return undefined;
  return Object.entries(options).find(
    ([name, { short }]) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  )?.[1];
}

function matching(begun: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(begun));
}
