import { type AddressRange, isLoopback, outermost, parseRanges, renderRange } from './ranges.ts';
import { quote } from './quote.ts';
import { type Warn } from './settings.ts';

export type Family = 'ipv4' | 'ipv6';

declare const cidr: unique symbol;
/** A range of addresses in canonical form, e.g. `10.0.0.0/8` or `2001:db8::/32`, made only by this module. */
export interface Cidr {
  readonly family: Family;
  readonly text: string;
  readonly [cidr]: true;
}

/** Address ranges as an annotation names them: every address of both families, or these. */
export type CidrSet = 'all' | readonly Cidr[];

/** What counts as the pod's own loopback over IPv4 unless the proxy's environment says otherwise. */
export const LOOPBACK = { family: 'ipv4', text: '127.0.0.1/32' } as Cidr;

/**
 * Parses addresses and ranges of both families, e.g. `"10.0.0.0/8, 2001:db8::1"`; `""` is none.
 *
 * @returns IPv4 first, ascending, each once; of nested ranges the outer, and loopback wherever it is named
 * @throws {RangeError} naming the items that are neither
 */
export async function parseCidrs(text: string, warn: Warn): Promise<Cidr[]> {
  return outermost(await parseRanges(text, warn)).map(toCidr);
}

/** Parses `"*"` or what `parseCidrs` does. */
export async function parseCidrSet(text: string, warn: Warn): Promise<CidrSet> {
  return text.trim() === '*' ? 'all' : parseCidrs(text, warn);
}

/** Parses one range within 127.0.0.0/8. */
export async function parseLoopbackCidr(text: string, warn: Warn): Promise<Cidr> {
  if (text.trim() === LOOPBACK.text) return LOOPBACK;
  const [range, ...more] = await parseRanges(text, warn);
  if (range?.width === 32 && isLoopback(range) && more.length === 0) return toCidr(range);
  throw new RangeError(`cannot use ${quote(text)}: expected one range within 127.0.0.0/8`);
}

export function renderCidrSet(cidrs: CidrSet): string {
  return cidrs === 'all' ? '*' : cidrs.map(({ text }) => text).join(',');
}

function toCidr(range: AddressRange): Cidr {
  return { family: range.width === 32 ? 'ipv4' : 'ipv6', text: renderRange(range) } as Cidr;
}
