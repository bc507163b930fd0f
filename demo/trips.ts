import { excluded } from './pods.ts';

export type Family = 'ipv4' | 'ipv6';
export type Party = 'meshed' | 'unmeshed' | 'peer';

/** Ways a request can take. */
export type Way =
  'sidecar, outbound' | 'sidecar, inbound' | 'direct' | "sidecar's DNS" | 'upstream DNS';

/** A request, who sends it, and what is to become of it. */
export interface Trip {
  readonly from: Party;
  readonly uid: number;
  readonly to: Party | 'localhost';
  readonly protocol: 'http' | 'udp' | 'tcp';
  readonly port: number;
  readonly family: Family;
  readonly expected: Way;
  readonly why: string;
}

export const users = { app: 1000, sidecar: 1337 } as const;

/** Two nameservers with different answers tell which of them was asked. */
export const dnsAnswers = { upstream: '192.0.2.1', sidecar: '192.0.2.2' } as const;

type Both = Omit<Trip, 'family' | 'uid' | 'protocol'> & Partial<Pick<Trip, 'uid' | 'protocol'>>;

const both: readonly Both[] = [
  { from: 'meshed', to: 'peer', port: 8080, expected: 'sidecar, outbound', why: 'captured' },
  { from: 'meshed', to: 'unmeshed', port: 8080, expected: 'sidecar, outbound', why: 'captured' },
  { from: 'peer', to: 'meshed', port: 8080, expected: 'sidecar, inbound', why: 'captured' },
  { from: 'unmeshed', to: 'meshed', port: 8080, expected: 'sidecar, inbound', why: 'captured' },
  { from: 'meshed', to: 'peer', port: excluded.outbound, expected: 'direct', why: 'port excluded' },
  { from: 'peer', to: 'meshed', port: excluded.inbound, expected: 'direct', why: 'port excluded' },
  { from: 'meshed', to: 'localhost', port: 8080, expected: 'direct', why: 'app to itself' },
  {
    from: 'meshed',
    uid: users.sidecar,
    to: 'peer',
    port: 8080,
    expected: 'direct',
    why: "sidecar's own",
  },
  { from: 'unmeshed', to: 'peer', port: 8080, expected: 'direct', why: 'not meshed' },
  { from: 'peer', to: 'unmeshed', port: 8080, expected: 'direct', why: 'not meshed' },
  ...dns({ from: 'meshed', expected: "sidecar's DNS", why: 'captured' }),
  ...dns({
    from: 'meshed',
    uid: users.sidecar,
    expected: 'upstream DNS',
    why: "sidecar's own",
  }),
  ...dns({ from: 'unmeshed', expected: 'upstream DNS', why: 'not meshed' }),
];

/** Everything that the demo sends, IPv4 and IPv6. */
export const trips: readonly Trip[] = both.flatMap((trip) =>
  (['ipv4', 'ipv6'] as const).map((family) => ({
    uid: users.app,
    protocol: 'http' as const,
    ...trip,
    family,
  })),
);

/** The peer is the nameserver. */
function dns(trip: Pick<Both, 'from' | 'uid' | 'expected' | 'why'>): Both[] {
  return (['udp', 'tcp'] as const).map((protocol) => ({ ...trip, to: 'peer', port: 53, protocol }));
}
