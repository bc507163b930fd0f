/** An IPv4 address as `iptables-save` prints it, e.g. `10.0.0.0`. */
export function renderIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
}

/**
 * An IPv6 address as `ip6tables-save` prints it: RFC 5952 with glibc's dotted tail for IPv4-mapped and
 * IPv4-compatible addresses, e.g. `2001:db8::`, `::ffff:10.0.0.0`, `::0.1.0.0`, but `::1`.
 *
 * @see https://sourceware.org/git/?p=glibc.git;a=blob;f=resolv/inet_ntop.c;hb=refs/tags/glibc-2.36
 */
export function renderIpv6(value: bigint): string {
  const words = Array.from({ length: 8 }, (_, i) =>
    Number((value >> BigInt(112 - 16 * i)) & 0xffffn),
  );
  const { start, length } = longestZeros(words);
  const dotted = start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
  const texts = words.slice(0, dotted ? 6 : 8).map((word) => word.toString(16));
  if (dotted) texts.push(renderIpv4(value & 0xffffffffn));
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    const end = words.findIndex((word, i) => i >= start && word !== 0);
    const length = (end === -1 ? words.length : end) - start;
    if (length > best.length) best = { start, length };
  }
  return best;
}
