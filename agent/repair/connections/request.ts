import { type Libc, required, withSocket } from '../../census/look/libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const HEADER = 16;
const NLMSG_ERROR = 2;
const REQUEST_ACK = 0x05;

export interface Request {
  /** Which part of the kernel is asked. */
  readonly protocol: number;
  readonly type: number;
  /** Beside that it is a request, and to be answered. */
  readonly flags: number;
  readonly body: Uint8Array;
}

/**
 * Has the kernel change something in the netns that this thread is in.
 *
 * @returns 0 when it has, else its reason, e.g. 2 (ENOENT)
 * @throws {Error} when it cannot be asked
 */
export function request(libc: Libc, { protocol, type, flags, body }: Request): number {
  const head = Buffer.alloc(HEADER);
  head.writeUInt32LE(HEADER + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(REQUEST_ACK | flags, 6);
  const message = Buffer.concat([head, body]);
  const answer = Buffer.alloc(4_096);
  withSocket(libc, { domain: AF_NETLINK, type: SOCK_RAW, protocol }, (socket) => {
    required(libc, 'send', libc.send(socket, message, message.length, 0));
    required(libc, 'recv', libc.recv(socket, answer, answer.length, 0));
  });
  return answer.readUInt16LE(4) === NLMSG_ERROR ? -answer.readInt32LE(HEADER) : 0;
}
