import { isDeepStrictEqual } from 'node:util';
import { elementSpans, type Span } from './spans.ts';

/** Our entry in a network configuration. */
export interface Entry {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** How our entry stands in a list: right is last, once, and equal to what is wanted. */
export type Standing = 'right' | 'entry-missing' | 'entry-changed' | 'entry-not-last';

interface Plugin extends Span {
  readonly value: unknown;
}

export function standing(text: string, entry: Entry): Standing {
  const plugins = pluginsOf(text);
  const own = plugins.filter(({ value }) => isOf(value, entry.type));
  const [first] = own;
  if (!first) return 'entry-missing';
  if (own.length > 1 || first !== plugins.at(-1)) return 'entry-not-last';
  return isDeepStrictEqual(first.value, plain(entry)) ? 'right' : 'entry-changed';
}

/**
 * The list with our entry as its last plugin, written as the one before it is written. Every other byte stays: name,
 * cniVersion, order of keys, indentation, line ends. A list that is right comes back as it is.
 *
 * @param text a list with at least one plugin that is not ours
 */
export function chain(text: string, entry: Entry): string {
  if (standing(text, entry) === 'right') return text;
  const bare = unchain(text, entry.type);
  const spans = elementSpans(bare, 'plugins') ?? [];
  const last = spans.at(-1);
  if (!last) throw new RangeError('cannot chain our entry: expected a plugin to follow');
  const before = spans.at(-2)?.end ?? bare.lastIndexOf('[', last.start) + 1;
  const gap = bare.slice(before, last.start);
  const separator = spans.length > 1 ? gap : `,${gap}`;
  const added = `${separator}${render(entry, bare, last)}`;
  return bare.slice(0, last.end) + added + bare.slice(last.end);
}

/**
 * The list without plugins of this type, and every other byte as it is. So it undoes `chain` without any memory of
 * how the list was, also after its owner has changed the rest of it.
 */
export function unchain(text: string, type: string): string {
  const plugins = pluginsOf(text);
  const index = plugins.findLastIndex(({ value }) => isOf(value, type));
  const own = plugins[index];
  if (!own) return text;
  const start = plugins[index - 1]?.end ?? own.start;
  const end = index > 0 ? own.end : (plugins[1]?.start ?? own.end);
  return unchain(text.slice(0, start) + text.slice(end), type);
}

function pluginsOf(text: string): readonly Plugin[] {
  const spans = elementSpans(text, 'plugins') ?? [];
  return spans.map(({ start, end }) => ({
    start,
    end,
    value: JSON.parse(text.slice(start, end)) as unknown,
  }));
}

function isOf(plugin: unknown, type: string): boolean {
  return typeof plugin === 'object' && plugin !== null && 'type' in plugin && plugin.type === type;
}

/** On one line if the neighbour is on one, else indented and ended as its lines are. */
function render(entry: Entry, text: string, neighbour: Span): string {
  const like = text.slice(neighbour.start, neighbour.end);
  const inner = /\n([ \t]*)/.exec(like)?.[1];
  if (inner === undefined) return JSON.stringify(entry);
  const line = text.lastIndexOf('\n', neighbour.start) + 1;
  const outer = /\n([ \t]*)\}$/.exec(like)?.[1] ?? /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
  const unit = inner.startsWith(outer) ? inner.slice(outer.length) : '';
  const lineEnd = like.includes('\r\n') ? '\r\n' : '\n';
  return JSON.stringify(entry, undefined, unit === '' ? 2 : unit).replaceAll(
    '\n',
    `${lineEnd}${outer}`,
  );
}

/** As JSON has it: without keys that are undefined. */
function plain(entry: Entry): unknown {
  return JSON.parse(JSON.stringify(entry)) as unknown;
}
