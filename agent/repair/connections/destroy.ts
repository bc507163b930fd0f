import { type Libc } from '../../census/look/libc.ts';
import { request } from './request.ts';
import { type Connection } from './sockets.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/inet_diag.h */
const NETLINK_SOCK_DIAG = 4;
const SOCK_DESTROY = 21;
const AF = { ipv4: 2, ipv6: 10 };
const TCP = 6;
const ANY_STATE = 0xffffffff;
const AT = {
  states: 4,
  sourcePort: 8,
  destinationPort: 10,
  source: 12,
  destination: 28,
  cookie: 48,
};
const SIZE = 56;

/**
 * Closes a socket of any process, and tells both ends so.
 *
 * Kernels without CONFIG_INET_DIAG_DESTROY refuse it; whoever wants to know looks whether it is still there.
 */
export function destroy(libc: Libc, { family, local, remote }: Connection): void {
  const body = Buffer.alloc(SIZE);
  body.set([AF[family], TCP], 0);
  body.writeUInt32LE(ANY_STATE, AT.states);
  body.writeUInt16BE(local.port, AT.sourcePort);
  body.writeUInt16BE(remote.port, AT.destinationPort);
  body.write(local.address, AT.source, 'hex');
  body.write(remote.address, AT.destination, 'hex');
  body.fill(0xff, AT.cookie); // which says that it was never asked for
  request(libc, { protocol: NETLINK_SOCK_DIAG, type: SOCK_DESTROY, flags: 0, body });
}
