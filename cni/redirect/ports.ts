import { parseList } from './lists.ts';
import { quote } from './quote.ts';

declare const port: unique symbol;
/** A TCP or UDP port from 1 to 65535, made only by `parsePort`. */
export type Port = number & { readonly [port]: true };

/** From `first` to `last`, both included; a single port is a range of one. */
export interface PortRange {
  readonly first: Port;
  readonly last: Port;
}

/** Ports as an annotation names them: every one, or these. */
export type PortSet = 'all' | readonly PortRange[];

/** @throws {RangeError} unless `text` is an integer from 1 to 65535 */
export function parsePort(text: string): Port {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 65535) return value as Port;
  throw new RangeError(`cannot parse port ${quote(text)}: expected an integer from 1 to 65535`);
}

/**
 * Parses ports and ranges of ports, e.g. `"80, 443, 8000-8010"`; `""` is no port at all.
 *
 * @returns ascending ranges that neither overlap nor touch, so equal sets are equal lists
 * @throws {RangeError} naming every item that is neither
 */
export function parsePortRanges(text: string): PortRange[] {
  return mergeRanges(parseList(text, parseRange));
}

/** Parses `"*"` or what `parsePortRanges` does. */
export function parsePortSet(text: string): PortSet {
  return text.trim() === '*' ? 'all' : parsePortRanges(text);
}

export function renderPortSet(ports: PortSet): string {
  return ports === 'all' ? '*' : ports.map(renderRange).join(',');
}

/** The union of ranges, ascending, as few as possible. */
export function mergeRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && range.first <= before.last + 1) {
      merged[merged.length - 1] = {
        first: before.first,
        last: range.last > before.last ? range.last : before.last,
      };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** The ports that are in both, ascending. */
export function commonRanges(a: readonly PortRange[], b: readonly PortRange[]): PortRange[] {
  const common: PortRange[] = [];
  // Both are ascending: a walk along both, as an annotation can hold tens of thousands of ranges.
  for (let i = 0, j = 0, left = a[0], right = b[0]; left && right; left = a[i], right = b[j]) {
    const first = left.first > right.first ? left.first : right.first;
    const last = left.last < right.last ? left.last : right.last;
    if (first <= last) common.push({ first, last });
    if (left.last < right.last) i += 1;
    else j += 1;
  }
  return common;
}

function parseRange(text: string): PortRange {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    const only = parsePort(text);
    return { first: only, last: only };
  }
  const range = { first: parsePort(from), last: parsePort(to) };
  if (range.first <= range.last) return range;
  throw new RangeError(`cannot parse port range ${quote(text)}: expected the lower port first`);
}

function renderRange({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
