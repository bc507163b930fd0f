import { type Contains } from './contains.ts';
import { hasConnection, type Passing, stateOf } from './packet.ts';

/** Whether a packet meets one condition of a rule that is not inverted. */
export type Holds = (passing: Passing) => boolean;

/** `given`: what the option says, `module`: the match that it stands behind; undefined for what we do not know. */
export type Known = (given: string, module: string, contains: Contains) => Holds | undefined;

/** All options that can be walked through, by the name that `iptables-save` prints. */
export const OPTIONS: Readonly<Record<string, Known>> = {
  '-p': protocol,
  '-i': (name) => device(name, ['PREROUTING', 'INPUT']),
  '-o': (name) => device(name, ['OUTPUT', 'POSTROUTING']),
  '-s': (range, _, contains) =>
    address(
      range,
      (text) =>
        ({ packet }) =>
          contains(text, packet.src),
    ),
  '-d': (range, _, contains) =>
    address(
      range,
      (text) =>
        ({ packet }) =>
          contains(text, packet.dst),
    ),
  '--sport': (text) => ports(text, ':', (packet) => packet.sport),
  '--sports': (text) => ports(text, ',', (packet) => packet.sport),
  '--dport': (text) => ports(text, ':', (packet) => packet.dport),
  '--dports': (text) => ports(text, ',', (packet) => packet.dport),
  '--uid-owner': (text) => ids(text, ({ packet }) => packet.owner?.uid),
  '--gid-owner': (text) => ids(text, ({ packet }) => packet.owner?.gid),
  '--ctstate': states,
  '--state': states,
  '--mark': mark,
};

/** Matches without which an option above means something else. */
export const MODULES: readonly string[] =
  'tcp udp multiport owner mark connmark conntrack state comment'.split(' ');

const PROTOCOLS = [
  'tcp',
  'udp',
  'icmp',
  'ipv6-icmp',
  'sctp',
  'udplite',
  'dccp',
  'esp',
  'ah',
  'gre',
];

function protocol(name: string): Holds | undefined {
  if (!PROTOCOLS.includes(name)) return undefined;
  const wanted = name === 'ipv6-icmp' ? 'icmp' : name;
  return ({ packet }) => packet.proto === wanted;
}

/** In the other direction, the kernel compares with a name that is empty. */
function device(name: string, hooks: readonly string[]): Holds {
  const isNamed = name.endsWith('+')
    ? (text: string) => text.startsWith(name.slice(0, -1))
    : (text: string) => text === name;
  return ({ packet }) => isNamed(hooks.includes(packet.hook) ? packet.device : '');
}

/** Not with a mask that has holes: `10.0.0.1/255.0.0.255` */
function address(range: string, holds: (range: string) => Holds): Holds | undefined {
  return /\/\d+$/.test(range) ? holds(range) : undefined;
}

function ports(
  text: string,
  separator: ':' | ',',
  portOf: (packet: Passing['packet']) => number,
): Holds | undefined {
  const ranges = (separator === ':' ? [text] : text.split(',')).map((each) =>
    each.split(':').map(Number),
  );
  if (ranges.flat().some(Number.isNaN)) return undefined;
  return ({ packet }) =>
    ranges.some(([first = 0, last = first]) => portOf(packet) >= first && portOf(packet) <= last);
}

function ids(text: string, idOf: (passing: Passing) => number | undefined): Holds | undefined {
  const [first = NaN, last = first] = text.split('-').map(Number);
  if (Number.isNaN(first) || Number.isNaN(last)) return undefined;
  return (passing) => {
    const id = idOf(passing);
    return id !== undefined && id >= first && id <= last;
  };
}

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

function states(text: string): Holds | undefined {
  const wanted = text.split(',');
  if (!wanted.every((state) => STATES.includes(state))) return undefined;
  return (passing) => wanted.includes(stateOf(passing));
}

/** `0x539` or `0x1/0xff` */
function mark(text: string, module: string): Holds | undefined {
  const [value = NaN, mask = 0xffffffff] = text.split('/').map(Number);
  if (Number.isNaN(value) || Number.isNaN(mask)) return undefined;
  const isMarked = (bits: number): boolean => (bits & mask) === (value | 0);
  if (module === 'mark') return ({ marks }) => isMarked(marks.mark);
  return module === 'connmark'
    ? (passing) => hasConnection(passing) && isMarked(passing.marks.connmark)
    : undefined;
}
