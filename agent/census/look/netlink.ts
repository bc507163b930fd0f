import { getSystemErrorName } from 'node:util';
import { type Libc, required, withSocket } from './libc.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netlink.h */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER = 16;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
/** `struct timeval` of two seconds; the kernel has the answer at once, and nothing else runs while we wait. */
const PATIENCE = new Uint8Array(new BigInt64Array([2n, 0n]).buffer);
/** Some hundred times what a pod's rules take: whoever has more must not keep the agent from all other pods. */
export const MOST_BYTES = 16 * 1024 * 1024;
/** The kernel fills at most 32 KiB at a time. */
const buffer = Buffer.alloc(64 * 1024);

export interface Dump {
  readonly protocol: number;
  readonly type: number;
  /** What stands between the header and the attributes, e.g. `struct nfgenmsg`. */
  readonly head: Uint8Array;
}

/** What the kernel answers instead of a dump. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly errno: number;

  constructor(errno: number) {
    super(`cannot look into the netns: netlink says ${getSystemErrorName(-errno)}`);
    this.errno = errno;
  }
}

/**
 * Tells each message of a dump, without its header; the memory is the next message's afterwards.
 *
 * @throws {Error} also when what is dumped changed meanwhile
 */
export function dump(
  libc: Libc,
  { protocol, type, head }: Dump,
  take: (type: number, body: Buffer) => void,
): void {
  withSocket(libc, { domain: AF_NETLINK, type: SOCK_RAW, protocol }, (socket) => {
    const request = Buffer.alloc(HEADER + head.length);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(type, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    request.set(head, HEADER);
    libc.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, PATIENCE, PATIENCE.length);
    required(libc, 'send', libc.send(socket, request, request.length, 0));
    let total = 0;
    for (let done = false; !done;) {
      const size = required(libc, 'recv', libc.recv(socket, buffer, buffer.length, 0));
      done = size === 0 || takeAll(buffer.subarray(0, size), take);
      if ((total += size) > MOST_BYTES) throw tooMuch();
    }
  });
}

export function tooMuch(): Error {
  return new Error('cannot look into the netns: it holds more than 16 MiB of rules or routes');
}

export function changing(): Error {
  return new Error('cannot look into the netns: it is just being changed');
}

/** @returns whether the dump has ended */
function takeAll(messages: Buffer, take: (type: number, body: Buffer) => void): boolean {
  for (let at = 0; at + HEADER <= messages.length;) {
    const length = messages.readUInt32LE(at);
    const type = messages.readUInt16LE(at + 4);
    const interrupted = (messages.readUInt16LE(at + 6) & 0x10) !== 0;
    if (interrupted) throw changing();
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) throw new NetlinkError(-messages.readInt32LE(at + HEADER));
    take(type, messages.subarray(at + HEADER, at + length));
    at += (length + 3) & ~3;
  }
  return false;
}

/** An attribute; nested ones are the attributes of its body. */
export interface Attribute {
  readonly type: number;
  readonly body: Buffer;
}

export function* attributes(body: Buffer): Generator<Attribute> {
  for (let at = 0; at + 4 <= body.length;) {
    const length = body.readUInt16LE(at);
    if (length < 4) return;
    yield { type: body.readUInt16LE(at + 2) & 0x3fff, body: body.subarray(at + 4, at + length) };
    at += (length + 3) & ~3;
  }
}
