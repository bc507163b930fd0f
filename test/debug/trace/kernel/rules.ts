import fc from 'fast-check';
import { type Family } from '../../../../cni/redirect/cidrs.ts';
import { DPORTS, GIDS, UIDS } from './packets.ts';

/** Rules of one family, as text for a restore that replaces all that is there. */
export interface Rules {
  readonly text: string;
  /** A reply is not looked for in the zone of what it answers: no TCP connection comes about. */
  readonly hasZones: boolean;
}

type Side = 'in' | 'out';
const HOOKS = {
  raw: { in: ['PREROUTING'], out: ['OUTPUT'] },
  mangle: { in: ['PREROUTING', 'INPUT'], out: ['OUTPUT', 'POSTROUTING'] },
  nat: { in: ['PREROUTING'], out: ['OUTPUT'] },
  filter: { in: ['INPUT'], out: ['OUTPUT'] },
} as const;
type Table = keyof typeof HOOKS;

/** Tells its rules from those that are tested. */
export const OURS = 'harness';

export function rules(family: Family): fc.Arbitrary<Rules> {
  const tables = (Object.keys(HOOKS) as Table[]).map((name) => table(name, family));
  return fc.tuple(...tables).map((texts) => {
    const text = texts.join('');
    return { text, hasZones: text.includes('--zone') };
  });
}

function table(name: Table, family: Family): fc.Arbitrary<string> {
  const chains = (['in', 'out'] as const).flatMap((side) => {
    const inner = [`${side}_a`, `${side}_b`];
    return [
      ...HOOKS[name][side].map((hook) => chain(name, hook, { side, family, inner })),
      chain(name, `${side}_a`, { side, family, inner: inner.slice(1) }),
      chain(name, `${side}_b`, { side, family, inner: [] }),
    ];
  });
  const drops =
    name === 'filter'
      ? fc.constantFrom('ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP')
      : fc.constant('ACCEPT');
  return fc.tuple(drops, ...chains).map(([policy, ...filled]) => {
    const names = filled.map(([chainName]) => chainName);
    const declared = names.map((each) => `:${each} ${/^[A-Z]/.test(each) ? policy : '-'} [0:0]`);
    const builtIn = names.filter((each) => /^[A-Z]/.test(each));
    const bypasses = name === 'nat' ? [] : builtIn.flatMap((each) => bypass(each, family));
    const lines = filled.flatMap(([chainName, texts]) =>
      texts.map((text) => `-A ${chainName} ${text}`),
    );
    return [`*${name}`, ...declared, ...bypasses, ...lines, 'COMMIT\n'].join('\n');
  });
}

/** Only first packets meet the rules: no reply, no error, no neighbour discovery. */
function bypass(chainName: string, family: Family): string[] {
  const icmp = family === 'ipv4' ? 'icmp' : 'ipv6-icmp';
  return ['-p tcp -m tcp ! --tcp-flags SYN,RST,ACK SYN', `-p ${icmp}`].map(
    (match) => `-A ${chainName} ${match} -m comment --comment ${OURS} -j ACCEPT`,
  );
}

interface Surroundings {
  readonly side: Side;
  readonly family: Family;
  /** Chains that can be gone to. */
  readonly inner: readonly string[];
}

function chain(table: Table, name: string, around: Surroundings): fc.Arbitrary<[string, string[]]> {
  const rule = fc
    .tuple(
      conditions(around),
      target(table, around, /^(PRE|out?_|in_)/.test(name) || name === 'OUTPUT' ? name : ''),
    )
    .map(([match, action]) => withProtocol(match, action).trim());
  return fc.tuple(fc.constant(name), fc.array(rule, { maxLength: 4 }));
}

/** Targets that change ports want to know of which protocol. */
function withProtocol(match: string, action: string): string {
  if (!/REDIRECT|TPROXY/.test(action)) return `${match} ${action}`;
  const positive = match.replace(/! -p tcp|-p sctp|^(?!.*-p )/, '-p tcp ');
  return `${positive} ${action}`;
}

const inverted = fc.constantFrom('', '', '! ');

function conditions(around: Surroundings): fc.Arbitrary<string> {
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

function address({ family }: Surroundings): fc.Arbitrary<string> {
  return fc
    .tuple(inverted, fc.constantFrom('-s', '-d'), fc.constantFrom(...RANGES[family]))
    .map(([not, option, range]) => `${not}${option} ${range}`);
}

function device({ side }: Surroundings): fc.Arbitrary<string> {
  return fc
    .tuple(inverted, fc.constantFrom('lo', 'eth0', 'eth+', 'net1'))
    .map(([not, name]) => `${not}${side === 'in' ? '-i' : '-o'} ${name}`);
}

function state({ side }: Surroundings): fc.Arbitrary<string> {
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

function target(table: Table, { side, inner }: Surroundings, name: string): fc.Arbitrary<string> {
  const plain = [
    '',
    '-j ACCEPT',
    '-j RETURN',
    ...inner.flatMap((chain) => [`-j ${chain}`, `-j ${chain}`, `-g ${chain}`]),
  ];
  return fc.constantFrom(...plain, ...special(table, side, name));
}

function special(table: Table, side: Side, name: string): string[] {
  switch (table) {
    case 'raw':
      return ['-j CT --zone 1', '-j CT --zone 2', '-j CT --notrack', '-j DROP'];
    case 'mangle':
      return [
        ...MARKS,
        '-j DROP',
        // The kernel takes it in this hook only, and looks at whoever can be reached from another.
        ...(name === 'PREROUTING' ? [TPROXY, TPROXY] : []),
      ];
    case 'nat':
      return [
        '-j REDIRECT --to-ports 15001',
        '-j REDIRECT --to-ports 15006',
        '-j REDIRECT --to-ports 15053',
      ];
    case 'filter':
      return ['-j DROP', '-j REJECT'];
  }
}

const TPROXY = '-j TPROXY --on-port 15006 --tproxy-mark 0x539/0xffffffff';
const MARKS = [
  '-j MARK --set-xmark 0x539/0xffffffff',
  '-j MARK --set-xmark 0x1/0xff',
  '-j MARK --set-mark 0x53a',
  '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  '-j CONNMARK --restore-mark --nfmask 0xffff --ctmask 0xffff',
  '-j CONNMARK --set-xmark 0x539/0xffffffff',
];
