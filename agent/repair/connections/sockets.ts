import { endianness } from 'node:os';
import { type Family } from '../../../cni/redirect/cidrs.ts';

/** One end of a TCP connection. IPv4 where the packets are, also for a socket of IPv6. */
export interface Connection {
  readonly family: Family;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Of the process. */
  readonly uid: number;
}

export interface Endpoint {
  /** 4 or 16 bytes in the order of the network, as hexadecimal digits. */
  readonly address: string;
  readonly port: number;
}

/** ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT: data may still pass. */
const OPEN = ['01', '04', '05', '08'];
const MAPPED = '00000000000000000000ffff';

/**
 * Open connections from `/proc/net/tcp` or `tcp6`, but those within the netns.
 *
 * `0: 0100090A:8A90 0200090A:0050 01 00000000:00000000 00:00000000 00000000  1000  0 4557878 …`
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/Documentation/networking/proc_net_tcp.rst
 */
export function parseSockets(text: string): Connection[] {
  return text.split('\n').flatMap((line) => {
    const [, localText, remoteText, state = '', , , , uid = ''] = line.trim().split(/\s+/);
    if (!OPEN.includes(state)) return [];
    const local = endpoint(localText);
    const remote = endpoint(remoteText);
    if (local === undefined || remote === undefined || isInside(local, remote)) return [];
    const family = local.address.length === 8 ? 'ipv4' : 'ipv6';
    return [{ family, local, remote, uid: Number(uid) }];
  });
}

/** `10.0.0.1:41000 > 10.0.0.5:443` */
export function renderConnection({ local, remote }: Connection): string {
  return `${renderEndpoint(local)} > ${renderEndpoint(remote)}`;
}

/** The same for both ends, and for both directions of packets. */
export function keyOf(one: Endpoint, other: Endpoint): string {
  return [one, other]
    .map(({ address, port }) => `${address}:${port}`)
    .sort()
    .join(' ');
}

/** `0100090A:8A90`: words of four bytes, each as the processor keeps it. */
function endpoint(text = ''): Endpoint | undefined {
  const [, digits = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(text) ?? [];
  if (digits === '') return undefined;
  const words = digits.match(/.{8}/g) ?? [];
  const address = words.map(inNetworkOrder).join('').toLowerCase();
  const plain = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
  return { address: plain, port: Number.parseInt(port, 16) };
}

function inNetworkOrder(word: string): string {
  return endianness() === 'LE' ? (word.match(/../g) ?? []).reverse().join('') : word;
}

/** Over loopback, where nothing is redirected, or between a sidecar and its app. */
function isInside(local: Endpoint, remote: Endpoint): boolean {
  return local.address === remote.address || [local, remote].some(isLoopback);
}

/** 127.0.0.0/8, `::1`, and `::6`, from which a sidecar speaks to its app. */
function isLoopback({ address }: Endpoint): boolean {
  return address.length === 8 ? address.startsWith('7f') : /^0{31}[16]$/.test(address);
}

function renderEndpoint({ address, port }: Endpoint): string {
  if (address.length === 8) return `${[...Buffer.from(address, 'hex')].join('.')}:${port}`;
  const groups = (address.match(/.{4}/g) ?? []).join(':');
  return `${new URL(`http://[${groups}]`).hostname}:${port}`;
}
