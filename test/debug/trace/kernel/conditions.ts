import fc from 'fast-check';
import { type Family } from '../../../../cni/redirect/cidrs.ts';
import { DPORTS, GIDS, UIDS } from './packets.ts';

export type Side = 'in' | 'out';

interface Around {
  readonly side: Side;
  readonly family: Family;
}

const inverted = fc.constantFrom('', '', '! ');

/** What rules can ask of the packets that are sent, and then some. */
export function conditions(around: Around): fc.Arbitrary<string> {
  return fc
    .tuple(transport, optional(address(around)), optional(device(around)), optional(state(around)))
    .map((parts) => parts.filter(Boolean).join(' '));
}

function optional(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: text });
}

const ports = fc.oneof(
  fc
    .constantFrom(...DPORTS, '80:8080', '1:1024', '15001')
    .map((port) => ['--dport', port] as const),
  fc.constantFrom('20000:31999', '32000:60999').map((port) => ['--sport', port] as const),
);
const transport = fc.oneof(
  fc.constant(''),
  fc.constantFrom('-p tcp', '-p udp', '! -p tcp', '-p sctp'),
  fc
    .tuple(fc.constantFrom('tcp', 'udp'), inverted, ports)
    .map(([proto, not, [option, port]]) => `-p ${proto} -m ${proto} ${not}${option} ${port}`),
  fc
    .tuple(fc.constantFrom('tcp', 'udp'), inverted, fc.constantFrom('53,80', '8080,9000:9010'))
    .map(([proto, not, list]) => `-p ${proto} -m multiport ${not}--dports ${list}`),
);

const RANGES = {
  ipv4: [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '127.0.0.1/32',
    '127.0.0.6/32',
    '127.0.0.0/8',
    '192.0.2.2/32',
    '198.51.100.1/32',
  ],
  ipv6: ['fd00::/8', 'fd00:1::/32', '::1/128', '::6/128', '2001:db8::2/128', '2a00::/16'],
} as const;

function address({ family }: Around): fc.Arbitrary<string> {
  return fc
    .tuple(inverted, fc.constantFrom('-s', '-d'), fc.constantFrom(...RANGES[family]))
    .map(([not, option, range]) => `${not}${option} ${range}`);
}

function device({ side }: Around): fc.Arbitrary<string> {
  return fc
    .tuple(inverted, fc.constantFrom('lo', 'eth0', 'eth+', 'net1'))
    .map(([not, name]) => `${not}${side === 'in' ? '-i' : '-o'} ${name}`);
}

function state({ side }: Around): fc.Arbitrary<string> {
  const states = fc.constantFrom(
    'NEW',
    'ESTABLISHED',
    'RELATED,ESTABLISHED',
    'INVALID',
    'UNTRACKED',
    'NEW,INVALID',
  );
  const marks = fc.constantFrom(
    '0x0',
    '0x539',
    '0x53a',
    '0x1',
    '0x1/0xff',
    '0x38/0xfe',
    '0x539/0xffff',
  );
  const either = fc.oneof(
    fc.tuple(inverted, states).map(([not, list]) => `-m conntrack ${not}--ctstate ${list}`),
    fc.tuple(inverted, marks).map(([not, text]) => `-m mark ${not}--mark ${text}`),
    fc.tuple(inverted, marks).map(([not, text]) => `-m connmark ${not}--mark ${text}`),
  );
  return side === 'in' ? either : fc.oneof(either, owner);
}

const owner = fc.oneof(
  fc
    .tuple(inverted, fc.constantFrom(...UIDS))
    .map(([not, uid]) => `-m owner ${not}--uid-owner ${uid}`),
  fc
    .tuple(inverted, fc.constantFrom(...GIDS))
    .map(([not, gid]) => `-m owner ${not}--gid-owner ${gid}`),
  fc
    .tuple(inverted, fc.constantFrom(...UIDS), inverted, fc.constantFrom(...GIDS))
    .map(([not, uid, nor, gid]) => `-m owner ${not}--uid-owner ${uid} ${nor}--gid-owner ${gid}`),
);
