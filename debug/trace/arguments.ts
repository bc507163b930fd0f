import { isIP } from 'node:net';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Arguments, type Option, usageError } from '../command.ts';
import { type Packet } from './packet.ts';

export const PACKET: Readonly<Record<string, Option>> = {
  in: { type: 'boolean', meaning: 'a packet that comes in from outside' },
  out: { type: 'boolean', meaning: 'a packet that a process of the pod sends; the default' },
  proto: { type: 'string', words: ['tcp', 'udp', 'icmp'], meaning: 'tcp by default' },
  dst: {
    type: 'string',
    value: '<address:port>',
    meaning: 'where it wants to go: 10.0.0.9:80, [fd00::9]:80; with --in, :80 is a port of the pod',
  },
  src: {
    type: 'string',
    value: '<address:port>',
    meaning: "where it comes from; out: the pod's own address by default",
  },
  uid: {
    type: 'string',
    value: '<uid>',
    meaning: 'whose process sends it; 1000 by default, 1337 is usually the sidecar',
  },
  gid: {
    type: 'string',
    value: '<gid>',
    meaning: 'of which group; the same number as the user by default',
  },
  interface: {
    type: 'string',
    value: '<name>',
    meaning: 'by which it comes in or goes out; eth0 or lo by default',
  },
  state: {
    type: 'string',
    words: ['new', 'established', 'invalid'],
    meaning: 'what connection tracking calls it; new by default',
  },
  mark: { type: 'string', value: '<mark>', meaning: 'of the packet; 0 by default' },
  connmark: { type: 'string', value: '<mark>', meaning: 'of its connection; 0 by default' },
};

export interface Asked {
  readonly family: Family;
  readonly packet: Packet;
}

/** Addresses of the pod that are not loopback. */
export type Addresses = Readonly<Record<Family, readonly string[]>>;

/** @throws {CommandError} `usage` */
export function parsePacket({ flag, text }: Arguments, addresses: Addresses): Asked {
  if (flag('in') && flag('out')) throw usageError('cannot trace both ways: wanted --in or --out');
  const hook = flag('in') ? 'PREROUTING' : 'OUTPUT';
  const dst = parseEndpoint('dst', hook === 'OUTPUT' ? text('dst') : ofPod(text('dst'), addresses));
  const { family } = dst;
  const own = addresses[family];
  const isLocal = hook === 'OUTPUT' && (isLoopback(dst.address) || own.includes(dst.address));
  const [ownAddress = dst.address] = isLocal && isLoopback(dst.address) ? [LOOPBACK[family]] : own;
  const elsewhere = hook === 'OUTPUT' ? ownAddress : SOMEBODY[family];
  const src =
    text('src') === undefined
      ? { address: elsewhere, port: 40_000, family }
      : parseEndpoint('src', text('src'));
  if (src.family !== family)
    throw usageError('cannot trace it: --src and --dst are of two families');
  const uid = parseNumber('uid', text('uid') ?? '1000');
  const packet: Packet = {
    hook,
    device: text('interface') ?? (isLocal ? 'lo' : 'eth0'),
    proto: protoOf(text('proto')),
    src: src.address,
    dst: dst.address,
    sport: src.port,
    dport: dst.port,
    owner:
      hook === 'OUTPUT' ? { uid, gid: parseNumber('gid', text('gid') ?? String(uid)) } : undefined,
    mark: parseNumber('mark', text('mark') ?? '0'),
    connmark: parseNumber('connmark', text('connmark') ?? '0'),
    ctstate: stateOf(text('state')),
  };
  return { family, packet };
}

/** What is left out of an inbound packet's destination: the pod. */
function ofPod(dst: string | undefined, { ipv4, ipv6 }: Addresses): string | undefined {
  if (!/^:\d+$/.test(dst ?? '')) return dst;
  const [first] = ipv4;
  const [other] = ipv6;
  const address = first ?? (other === undefined ? POD : `[${other}]`);
  return `${address}${dst ?? ''}`;
}

const LOOPBACK = { ipv4: '127.0.0.1', ipv6: '::1' } as const;
/** Addresses that are kept for examples. */
const SOMEBODY = { ipv4: '198.51.100.1', ipv6: '2001:db8::1' } as const;

/** Where it is not looked at which one it has. */
const POD = '192.0.2.1';

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === '::6';
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly family: Family;
}

/** `10.0.0.9:80` or `[fd00::9]:80` */
function parseEndpoint(name: string, text: string | undefined): Endpoint {
  if (text === undefined)
    throw usageError(`cannot trace a packet to nowhere: wanted --${name} <address:port>`);
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const version = isIP(address);
  if (Number(port) > 65_535)
    throw usageError(`cannot use --${name} "${text}": wanted a port up to 65535`);
  if (version !== 0) {
    return { address, port: Number(port), family: version === 4 ? 'ipv4' : 'ipv6' };
  }
  throw usageError(`cannot use --${name} "${text}": wanted 10.0.0.9:80 or [fd00::9]:80`);
}

/** Decimal or `0x…`. */
function parseNumber(name: string, text: string): number {
  if (/^(?:\d{1,10}|0x[\da-f]{1,8})$/i.test(text) && Number(text) <= 0xffffffff)
    return Number(text);
  throw usageError(`cannot use --${name} "${text}": wanted a number`);
}

function protoOf(text = 'tcp'): Packet['proto'] {
  return text === 'udp' || text === 'icmp' ? text : 'tcp';
}

function stateOf(text = 'new'): Packet['ctstate'] {
  if (text === 'established') return 'ESTABLISHED';
  return text === 'invalid' ? 'INVALID' : 'NEW';
}
