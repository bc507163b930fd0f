export type Hook = 'PREROUTING' | 'INPUT' | 'OUTPUT' | 'POSTROUTING';

/** A packet as far as the rules that we know can tell packets apart. */
export interface Packet {
  readonly hook: Hook;
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
  /** Sent by this netns to itself: connection tracking knew it before it came in, and nat has decided. */
  readonly looped?: boolean;
}

/** What changes on a packet's way through the tables. */
export interface Marks {
  mark: number;
  connmark: number;
  /** Of connection tracking, set by the raw table. */
  zone: number | undefined;
  untracked: boolean;
}

/** A packet on its way: where it is, and what has been done to it. */
export interface Passing {
  readonly packet: Packet;
  readonly table: string;
  readonly marks: Marks;
}

type State = Packet['ctstate'] | 'UNTRACKED';

/** What `-m conntrack` sees. In the raw table, connection tracking has not looked at the packet yet. */
export function stateOf({ packet, table, marks }: Passing): State {
  if (marks.untracked) return 'UNTRACKED';
  if (table !== 'raw' || packet.looped === true) return packet.ctstate;
  // The template that a zone is attached by counts as a connection.
  return marks.zone === undefined ? 'INVALID' : 'NEW';
}

/** Whether there is a connection that could bear a mark. */
export function hasConnection(passing: Passing): boolean {
  return stateOf(passing) === 'NEW' || stateOf(passing) === 'ESTABLISHED';
}

/** `10.0.0.9:80` or `[fd00::9]:80` */
export function renderEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
