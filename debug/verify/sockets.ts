import { closeSync } from 'node:fs';
import { IPv4, IPv6 } from 'ip-num';
import { errorName, type Libc, loadLibc, required } from '../../agent/census/look/libc.ts';
import { loadKoffi, type SystemCall } from '../../cni/kernel/native.ts';
import { type Sender } from '../probe/probes.ts';
import { type Packet } from '../trace/packet.ts';
import { signedSyn } from './segment.ts';

/** The system calls that it takes to send a packet as somebody else. */
export interface Sockets {
  readonly libc: Libc;
  readonly connect: SystemCall;
  readonly getsockname: SystemCall;
  readonly write: SystemCall;
  readonly setfsuid: SystemCall;
  readonly setfsgid: SystemCall;
}

const PROTOTYPES = {
  connect: 'int connect(int, const uint8_t *, uint)',
  getsockname: 'int getsockname(int, _Out_ uint8_t *, _Inout_ uint8_t *)',
  write: 'long write(int, const uint8_t *, ulong)',
  setfsuid: 'int setfsuid(uint)',
  setfsgid: 'int setfsgid(uint)',
};

const [AF_INET, AF_INET6] = [2, 10];
const [SOCK_STREAM, SOCK_DGRAM, SOCK_RAW] = [1, 2, 3];
const [NONBLOCK, CLOEXEC] = [0o4_000, 0o2_000_000];
const IPPROTO_TCP = 6;

/** @throws {AggregateError} when koffi cannot be loaded from any of the directories */
export function loadSockets(directories: readonly string[]): Sockets {
  const library = loadKoffi(directories).load(null);
  const call = (name: keyof typeof PROTOTYPES): SystemCall => library.func(PROTOTYPES[name]);
  return {
    libc: loadLibc(directories),
    connect: call('connect'),
    getsockname: call('getsockname'),
    write: call('write'),
    setfsuid: call('setfsuid'),
    setfsgid: call('setfsgid'),
  };
}

/** A connection that is being opened, or a packet that was sent. */
export interface Dialled {
  readonly fd: number;
  readonly sport: number;
  /** Why the packet did not get away, e.g. `ENETUNREACH`; undefined if it did. */
  readonly refusal: string | undefined;
}

/**
 * Begins a connection from the netns that this thread is in, and does not wait.
 *
 * @throws {Error}
 */
export function dial(sockets: Sockets, { dst, dport }: Packet): Dialled {
  const fd = open(sockets, { dst, type: SOCK_STREAM | NONBLOCK, protocol: 0 }, { uid: 0, gid: 0 });
  return closedOnError(fd, () => {
    const outcome = connected(sockets, fd, sockaddr(dst, dport));
    const refusal = outcome === 'EINPROGRESS' ? undefined : outcome;
    return { fd, sport: nameOf(sockets, fd).readUInt16BE(2), refusal };
  });
}

/**
 * Sends a packet as somebody else from the netns that this thread is in. Of TCP, one that nobody but the rules takes
 * notice of: the answer of whoever receives it could end what connection tracking knows of it.
 *
 * @throws {Error}
 */
export function send(sockets: Sockets, packet: Packet, sender: Sender): Dialled {
  return packet.proto === 'udp'
    ? sendDatagram(sockets, packet, sender)
    : sendSyn(sockets, packet, sender);
}

function sendDatagram(sockets: Sockets, { dst, dport }: Packet, sender: Sender): Dialled {
  const fd = open(sockets, { dst, type: SOCK_DGRAM, protocol: 0 }, sender);
  return closedOnError(fd, () => {
    const refusal =
      connected(sockets, fd, sockaddr(dst, dport)) ?? written(sockets, fd, Buffer.alloc(1));
    return { fd, sport: nameOf(sockets, fd).readUInt16BE(2), refusal };
  });
}

function sendSyn(sockets: Sockets, { dst, dport }: Packet, sender: Sender): Dialled {
  const fd = open(sockets, { dst, type: SOCK_RAW, protocol: IPPROTO_TCP }, sender);
  return closedOnError(fd, () => {
    const sport = 20_000 + Math.floor(Math.random() * 40_000);
    const refused = connected(sockets, fd, sockaddr(dst, 0));
    if (refused !== undefined) return { fd, sport, refusal: refused };
    const to = addressBytes(dst);
    const name = nameOf(sockets, fd);
    const src = name.subarray(...(to.length === 4 ? [4, 8] : [8, 24]));
    return { fd, sport, refusal: written(sockets, fd, signedSyn({ src, dst: to, sport, dport })) };
  });
}

/** The kernel's owner of a socket is whose file system rights its maker had: only those are changed, for this thread alone. */
function open(
  { libc, setfsuid, setfsgid }: Sockets,
  { dst, type, protocol }: { dst: string; type: number; protocol: number },
  { uid, gid }: Sender,
): number {
  setfsgid(gid);
  setfsuid(uid);
  const fd = libc.socket(dst.includes(':') ? AF_INET6 : AF_INET, type | CLOEXEC, protocol);
  setfsuid(0);
  setfsgid(0);
  return required(libc, 'socket', fd);
}

/** Whether we may make sockets that the kernel takes for theirs. */
export function canSendAs({ setfsuid, setfsgid }: Sockets, { uid, gid }: Sender): boolean {
  const nobodys = 0xff_ff_ff_ff; // changes nothing, and tells what is
  setfsgid(gid);
  setfsuid(uid);
  const is = [setfsuid(nobodys), setfsgid(nobodys)];
  setfsuid(0);
  setfsgid(0);
  return is[0] === uid && is[1] === gid;
}

function closedOnError<T>(fd: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function connected(sockets: Sockets, fd: number, to: Buffer): string | undefined {
  return errorOf(sockets, sockets.connect(fd, to, to.length));
}

function errorOf({ libc }: Sockets, result: number): string | undefined {
  return result < 0 ? errorName(libc) : undefined;
}

function written(sockets: Sockets, fd: number, bytes: Buffer): string | undefined {
  return errorOf(sockets, sockets.write(fd, bytes, bytes.length));
}

/** `struct sockaddr` of the own end. */
function nameOf({ libc, getsockname }: Sockets, fd: number): Buffer {
  const name = Buffer.alloc(28);
  required(libc, 'getsockname', getsockname(fd, name, new Uint8Array([28, 0, 0, 0])));
  return name;
}

/** What has become of a connection; undefined while there is no answer. */
export function answerOf(
  { libc, connect }: Sockets,
  { dst, dport }: Packet,
  { fd }: Dialled,
): 'accepted' | 'refused' | undefined {
  const to = sockaddr(dst, dport);
  const outcome = connect(fd, to, to.length) === 0 ? 'EISCONN' : errorName(libc);
  if (outcome === 'ECONNREFUSED') return 'refused';
  return outcome === 'EISCONN' ? 'accepted' : undefined;
}

/** `struct sockaddr_in` or `struct sockaddr_in6` */
function sockaddr(address: string, port: number): Buffer {
  const bytes = addressBytes(address);
  const isIpv4 = bytes.length === 4;
  const buffer = Buffer.alloc(isIpv4 ? 16 : 28);
  buffer.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, 0);
  buffer.writeUInt16BE(port, 2);
  bytes.copy(buffer, isIpv4 ? 4 : 8);
  return buffer;
}

/** In the order of the network. */
export function addressBytes(address: string): Buffer {
  const isIpv4 = !address.includes(':');
  const value = isIpv4 ? new IPv4(address).getValue() : new IPv6(address).getValue();
  return Buffer.from(value.toString(16).padStart(isIpv4 ? 8 : 32, '0'), 'hex');
}
