import { attributes } from '../../census/look/netlink.ts';
import { type Endpoint } from './sockets.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter/nfnetlink_conntrack.h */
const [IP, PROTO] = [1, 2];
const ADDRESSES = { ipv4: [1, 2], ipv6: [3, 4] } as const;
const [NUMBER, SOURCE_PORT, DESTINATION_PORT] = [1, 2, 3];
const TCP = 6;
const PROTOCOLS = { tcp: TCP, udp: 17 };
export type Protocol = keyof typeof PROTOCOLS;
const NESTED = 0x8000;

/** From whom packets of one direction come, and to whom they go. */
export interface Tuple {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** A netlink attribute: its length, its type, and what it holds, padded. */
export function attribute(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + body.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, body, Buffer.alloc(-body.length & 3)]);
}

export function nested(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return attribute(type | NESTED, ...parts);
}

export function bytes(size: 1 | 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(size);
  buffer.writeUIntBE(value, 0, size);
  return buffer;
}

/** A TCP tuple, as an attribute of this type. */
export function renderTuple(type: number, { source, destination }: Tuple): Buffer {
  const [from, to] = ADDRESSES[source.address.length === 8 ? 'ipv4' : 'ipv6'];
  return nested(
    type,
    nested(
      IP,
      attribute(from, Buffer.from(source.address, 'hex')),
      attribute(to, Buffer.from(destination.address, 'hex')),
    ),
    nested(
      PROTO,
      attribute(NUMBER, bytes(1, TCP)),
      attribute(SOURCE_PORT, bytes(2, source.port)),
      attribute(DESTINATION_PORT, bytes(2, destination.port)),
    ),
  );
}

/** Undefined for what is of another protocol. */
export function parseTuple(body: Buffer, protocol: Protocol = 'tcp'): Tuple | undefined {
  const parts = fields(body);
  const [ip, proto] = [fields(parts.get(IP)), fields(parts.get(PROTO))];
  if (proto.get(NUMBER)?.[0] !== PROTOCOLS[protocol]) return undefined;
  const address = (position: 0 | 1): string =>
    (ip.get(ADDRESSES.ipv4[position]) ?? ip.get(ADDRESSES.ipv6[position]))?.toString('hex') ?? '';
  const port = (type: number): number => proto.get(type)?.readUInt16BE() ?? 0;
  return {
    source: { address: address(0), port: port(SOURCE_PORT) },
    destination: { address: address(1), port: port(DESTINATION_PORT) },
  };
}

export function fields(body: Buffer = Buffer.alloc(0)): ReadonlyMap<number, Buffer> {
  return new Map([...attributes(body)].map((one) => [one.type, one.body]));
}
