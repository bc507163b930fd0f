import { renderIpv4, renderIpv6 } from './addresses.ts';
import { parseList } from './lists.ts';
import { quote } from './quote.ts';
import { type Warn } from './settings.ts';

/** A range of addresses by its first one, without host bits; its width in bits tells the family. */
export interface AddressRange {
  readonly width: 32 | 128;
  readonly first: bigint;
  readonly prefix: number;
}

/** Parses addresses and ranges of both families, in the order given; host bits are masked with a warning. */
export async function parseRanges(text: string, warn: Warn): Promise<AddressRange[]> {
  if (text.trim() === '') return [];
  // 10 ms that a pod without address ranges does not pay.
  const { IPv4, IPv6 } = await import('ip-num');
  const addressValue: AddressValue = (address, width) =>
    width === 128 ? new IPv6(address).value : new IPv4(address).value;
  return parseList(text, (item) => parseRange(item, warn, addressValue));
}

export function renderRange({ width, first, prefix }: AddressRange): string {
  return `${width === 32 ? renderIpv4(first) : renderIpv6(first)}/${prefix}`;
}

/** Istio drops its rules for the app's own traffic over `lo` when such a range is to be captured. */
export function isLoopback({ width, first, prefix }: AddressRange): boolean {
  return width === 32 ? prefix >= 8 && first >> 24n === 127n : first === 1n;
}

/** The ranges in order, IPv4 first, each once, without those that lie in another, but for loopback. */
export function outermost(ranges: readonly AddressRange[]): AddressRange[] {
  const kept: AddressRange[] = [];
  let outer: AddressRange | undefined;
  // One pass will do: of two ranges that overlap one holds the other, and comes first.
  for (const range of ranges.toSorted(ascending)) {
    const inside = outer !== undefined && holds(outer, range);
    if (!inside) outer = range;
    const before = kept.at(-1);
    const repeated = before !== undefined && ascending(before, range) === 0;
    if (!repeated && (!inside || isLoopback(range))) kept.push(range);
  }
  return kept;
}

type AddressValue = (address: string, width: 32 | 128) => bigint;

function parseRange(text: string, warn: Warn, addressValue: AddressValue): AddressRange {
  // Stricter than ip-num, which takes zones and `/08`.
  const [, address, bits] = /^([\da-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const width = text.includes(':') ? 128 : 32;
  const prefix = bits === undefined ? width : Number(bits);
  if (address === undefined || prefix > width) throw wrongRange(text);
  let value: bigint;
  try {
    value = addressValue(address, width);
  } catch (cause) {
    throw wrongRange(text, { cause });
  }
  const range = { width, prefix, first: maskHostBits(value, width - prefix) } as const;
  if (range.first !== value) warn(`${quote(text)} has host bits: ${renderRange(range)} is used`);
  if (width === 128 && prefix >= 96 && range.first >> 32n === 0xffffn) {
    warn(`${quote(text)} matches no IPv4 traffic: write it as an IPv4 range`);
  }
  return range;
}

function maskHostBits(value: bigint, hostBits: number): bigint {
  return (value >> BigInt(hostBits)) << BigInt(hostBits);
}

function wrongRange(text: string, options?: ErrorOptions): RangeError {
  const wanted = 'expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32';
  return new RangeError(`cannot parse address range ${quote(text)}: ${wanted}`, options);
}

function ascending(a: AddressRange, b: AddressRange): number {
  if (a.width !== b.width) return a.width - b.width;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.prefix - b.prefix;
}

function holds(outer: AddressRange, { width, first }: AddressRange): boolean {
  return outer.width === width && maskHostBits(first, width - outer.prefix) === outer.first;
}
