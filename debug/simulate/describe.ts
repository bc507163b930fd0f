import { type Packet } from '../trace/packet.ts';

/** One way to tell packets apart, as people say it. */
interface Dimension {
  readonly name: string;
  readonly valueOf: (packet: Packet) => string;
  /** The values that stand for all that no rule names. */
  readonly others: readonly string[];
}

/** Where a packet comes from and goes to stands behind its device: by `lo` there is more to tell. */
const DIMENSIONS: readonly Dimension[] = [
  { name: '', valueOf: ({ proto }) => proto, others: [] },
  { name: 'by', valueOf: ({ device }) => device, others: ['eth0'] },
  { name: 'to', valueOf: ({ dst }) => dst, others: ['198.51.100.1', '2a00::1'] },
  { name: 'port', valueOf: ({ dport }) => String(dport), others: ['40000'] },
  { name: 'from', valueOf: ({ src }) => src, others: ['198.51.100.1', '2a00::1'] },
  { name: 'source port', valueOf: ({ sport }) => String(sport), others: ['40000'] },
  { name: 'of user', valueOf: ({ owner }) => String(owner?.uid ?? 1000), others: ['1000'] },
  { name: 'of group', valueOf: ({ owner }) => String(owner?.gid ?? 1000), others: ['1000'] },
  { name: 'with mark', valueOf: ({ mark }) => String(mark), others: [] },
  { name: 'of a connection with mark', valueOf: ({ connmark }) => String(connmark), others: [] },
  { name: 'of state', valueOf: ({ ctstate }) => ctstate, others: [] },
];
const MOST_VALUES = 5;

/**
 * What these packets have in common and not all do: `tcp, not by lo, port 15020, not of user 1337`.
 *
 * @param among all there are, these among them
 * @param names of addresses that stand for a range
 */
export function describePackets(
  packets: readonly Packet[],
  among: readonly Packet[],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const words: string[] = [];
  let rest = among;
  for (const { name, valueOf, others } of DIMENSIONS) {
    const values = new Set(packets.map(valueOf));
    const missing = [...new Set(rest.map(valueOf))].filter((value) => !values.has(value));
    rest = rest.filter((packet) => values.has(valueOf(packet)));
    if (missing.length === 0) continue;
    const holdsOthers = others.some((value) => values.has(value));
    const told = [...(holdsOthers ? missing : values)].map((value) => names.get(value) ?? value);
    words.push(`${holdsOthers ? 'not ' : ''}${name} ${list(told)}`.trim());
  }
  return words.join(', ') || 'all';
}

function list(values: readonly string[]): string {
  const more = values.length - MOST_VALUES;
  const shown = values.slice(0, MOST_VALUES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
