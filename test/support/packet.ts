/** A packet as far as our rules can tell packets apart. */
export interface Packet {
  readonly hook: 'PREROUTING' | 'OUTPUT';
  /** By which it came in or goes out. */
  readonly device: string;
  readonly proto: 'tcp' | 'udp' | 'icmp';
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  /** Undefined: not from a socket of this netns. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly mark: number;
  readonly connmark: number;
  readonly ctstate: 'NEW' | 'ESTABLISHED' | 'INVALID';
}

/** What changes on a packet's way through the tables. */
export interface Marks {
  mark: number;
  connmark: number;
  zone: number | undefined;
}

export type Matches = (packet: Packet, marks: Marks) => boolean;

/** A rule's match as a function. Throws at a word it does not know. */
export function compileMatch(words: readonly string[], contains: Contains): Matches {
  const conditions: Matches[] = [];
  let module = '';
  for (let at = 0; at < words.length; at += 2) {
    const inverted = words[at] === '!';
    if (inverted) at += 1;
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (option === '-m') module = value;
    else if (option !== '--comment') {
      const condition = compileOption(`${option} ${module}`, value, contains);
      conditions.push(inverted ? (packet, marks) => !condition(packet, marks) : condition);
    }
  }
  return (packet, marks) => conditions.every((condition) => condition(packet, marks));
}

/** Whether a range of addresses holds an address. */
export type Contains = (range: string, address: string) => boolean;

function compileOption(option: string, value: string, contains: Contains): Matches {
  const [name = '', module] = option.split(' ');
  const ports = value.split(',').map((range) => range.split(':').map(Number));
  const holds = (port: number): boolean =>
    ports.some(([first = 0, last = first]) => port >= first && port <= last);
  switch (name) {
    case '-p':
      return (packet) => packet.proto === value;
    case '-i':
      return ({ hook, device }) => hook === 'PREROUTING' && device === value;
    case '-o':
      return ({ hook, device }) => hook === 'OUTPUT' && device === value;
    case '-s':
      return ({ src }) => contains(value, src);
    case '-d':
      return ({ dst }) => contains(value, dst);
    case '--sport':
      return ({ sport }) => holds(sport);
    case '--dport':
    case '--dports':
      return ({ dport }) => holds(dport);
    case '--uid-owner':
      return ({ owner }) => owner?.uid === Number(value);
    case '--gid-owner':
      return ({ owner }) => owner?.gid === Number(value);
    case '--ctstate':
      return ({ ctstate }) => value.split(',').includes(ctstate);
    case '--mark':
      return module === 'connmark'
        ? (_, { connmark }) => connmark === Number(value)
        : (_, { mark }) => mark === Number(value);
    default:
      throw new Error(`cannot walk option "${name}"`);
  }
}
