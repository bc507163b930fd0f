import { getSystemErrorName } from 'node:util';
import { type Libc } from '../../census/look/libc.ts';
import { dump } from '../../census/look/netlink.ts';
import { request } from './request.ts';
import { type Connection } from './sockets.ts';
import {
  attribute,
  bytes,
  fields,
  nested,
  parseTuple,
  type Protocol,
  renderTuple,
  type Tuple,
} from './tuple.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter/nfnetlink_conntrack.h */
const NETLINK_NETFILTER = 12;
const [NEW, GET, DELETE] = [0x100, 0x101, 0x102];
const [ORIGINAL, REPLY, STATUS, PROTOINFO, TIMEOUT, MARK] = [1, 2, 3, 4, 7, 8];
const [PROTOINFO_TCP, TCP_STATE, FLAGS_ORIGINAL, FLAGS_REPLY] = [1, 1, 4, 5];
const ESTABLISHED = 3;
const SEEN_REPLY_ASSURED_CONFIRMED = 0x0e;
const BE_LIBERAL = Buffer.from([0x08, 0x08]);
/** As long as the kernel keeps an idle connection by default: five days. */
const TIMEOUT_SECONDS = 432_000;

const AF = { ipv4: 2, ipv6: 10 };
const CREATE_EXCLUSIVELY = 0x600;
const EEXIST = 17;
const ENOENT = 2;

/** What connection tracking knows of a TCP connection. */
export interface Entry {
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly mark: number;
}

/** The connections of a protocol that are tracked in the netns that this thread is in. @throws {Error} */
export function trackedConnections(libc: Libc, protocol: Protocol = 'tcp'): Entry[] {
  const entries: Entry[] = [];
  dump(libc, { protocol: NETLINK_NETFILTER, type: GET, head: new Uint8Array(4) }, (_, body) => {
    const parts = fields(body.subarray(4));
    const [original, reply] = [ORIGINAL, REPLY].map((type) => {
      const tuple = parts.get(type);
      return tuple && parseTuple(tuple, protocol);
    });
    const mark = parts.get(MARK)?.readUInt32BE() ?? 0;
    if (original && reply) entries.push({ original, reply, mark });
  });
  return entries;
}

/**
 * Makes a connection one that is tracked since long: no rule for new connections is asked about its packets.
 *
 * The kernel would take it up by itself, but as a new one, whose packets are redirected to a sidecar that does not know
 * it and resets it.
 *
 * @throws {Error}
 */
export function track(libc: Libc, connection: Connection): void {
  const liberal = [
    attribute(FLAGS_ORIGINAL, BE_LIBERAL), // which window scale both ends agreed upon is not known any more
    attribute(FLAGS_REPLY, BE_LIBERAL),
  ];
  const state = attribute(TCP_STATE, bytes(1, ESTABLISHED));
  change(libc, {
    type: NEW,
    flags: CREATE_EXCLUSIVELY,
    family: AF[connection.family],
    attributes: Buffer.concat([
      renderTuple(ORIGINAL, { source: connection.local, destination: connection.remote }),
      renderTuple(REPLY, { source: connection.remote, destination: connection.local }),
      attribute(STATUS, bytes(4, SEEN_REPLY_ASSURED_CONFIRMED)),
      attribute(TIMEOUT, bytes(4, TIMEOUT_SECONDS)),
      nested(PROTOINFO, nested(PROTOINFO_TCP, state, ...liberal)),
    ]),
    passing: EEXIST, // the kernel has just taken it up
  });
}

/** Makes the next packet of a connection one of a new connection, which is redirected and then reset. @throws {Error} */
export function untrack(libc: Libc, { original }: Entry): void {
  const family = original.source.address.length === 8 ? AF.ipv4 : AF.ipv6;
  const attributes = renderTuple(ORIGINAL, original);
  change(libc, { type: DELETE, flags: 0, family, attributes, passing: ENOENT });
}

interface Change {
  readonly type: number;
  readonly flags: number;
  readonly family: number;
  readonly attributes: Buffer;
  /** The error that is none. */
  readonly passing: number;
}

function change(libc: Libc, { type, flags, family, attributes, passing }: Change): void {
  const body = Buffer.concat([Uint8Array.of(family, 0, 0, 0), attributes]);
  const errno = request(libc, { protocol: NETLINK_NETFILTER, type, flags, body });
  if (errno === 0 || errno === passing) return;
  throw new Error(`cannot change connection tracking: netlink says ${getSystemErrorName(-errno)}`);
}
