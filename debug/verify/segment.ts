/** Ends of a connection; addresses in the order of the network, of one family. */
export interface Ends {
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly sport: number;
  readonly dport: number;
}

const TCP = 6;
const SYN = 0x02;
const NO_OPERATION = 1;
const MD5_SIGNATURE = 19;

/**
 * The first packet of a connection, signed with a key that nobody has (RFC 2385): nobody but the rules takes notice.
 * Whoever listens drops it, and where nobody does, the kernel does not refuse it.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/net/ipv4/tcp_ipv4.c
 */
export function signedSyn(ends: Ends): Buffer {
  const options = Buffer.alloc(20, NO_OPERATION);
  options.set([MD5_SIGNATURE, 18]);
  const segment = Buffer.concat([header(ends, options.length), options]);
  segment.writeUInt16BE(checksum(Buffer.concat([pseudoHeader(ends, segment.length), segment])), 16);
  return segment;
}

function header({ sport, dport }: Ends, optionsLength: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(sport, 0);
  header.writeUInt16BE(dport, 2);
  header.writeUInt32BE(1, 4);
  header.writeUInt8(((20 + optionsLength) / 4) << 4, 12);
  header.writeUInt8(SYN, 13);
  header.writeUInt16BE(0xffff, 14);
  return header;
}

/** IPv6 has wider fields, which add up to the same. */
function pseudoHeader({ src, dst }: Ends, length: number): Buffer {
  return Buffer.concat([src, dst, Buffer.from([0, TCP, length >> 8, length & 0xff])]);
}

/** Of an even number of bytes. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
