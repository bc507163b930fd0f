import fc from 'fast-check';
import { type Family } from '../../../../cni/redirect/cidrs.ts';
import { type Packet } from '../../../../debug/trace/packet.ts';
import { POD } from './site.ts';

/** A packet but for its source port, by which it is known: each one's is unique. */
export type Sent = Omit<Packet, 'sport'> & {
  readonly proto: 'tcp' | 'udp';
  /** Of which half of the ports its source port is: rules can tell. */
  readonly high: boolean;
};

export const DPORTS = [53, 80, 8080, 9005] as const;
export const UIDS = [1337, 1000] as const;
export const GIDS = [1337, 2001] as const;

const local = {
  ipv4: ['127.0.0.1', '127.1.2.3', POD.ipv4],
  ipv6: ['::1', '::6', POD.ipv6],
} as const;
const remote = {
  ipv4: ['10.9.9.9', '10.1.2.3', '172.16.0.9', '198.51.100.1'],
  ipv6: ['fd00:9::9', 'fd00:1::3', '2a00::9'],
} as const;
const ownSources = { ipv4: ['127.0.0.1', '127.0.0.6', POD.ipv4], ipv6: ['::1', '::6', POD.ipv6] };

export function packets(family: Family): fc.Arbitrary<Sent> {
  return fc.oneof(outside(family), inside(family), incoming(family));
}

const common = {
  proto: fc.constantFrom('tcp' as const, 'udp' as const),
  dport: fc.constantFrom(...DPORTS),
  high: fc.boolean(),
  connmark: fc.constant(0),
  ctstate: fc.constant('NEW' as const),
};

const owned = {
  hook: fc.constant('OUTPUT' as const),
  owner: fc.record({ uid: fc.constantFrom(...UIDS), gid: fc.constantFrom(...GIDS) }),
  // Not 1337: a socket with that mark has another route from the start.
  mark: fc.constantFrom(0, 0, 1, 0x53a),
};

function outside(family: Family): fc.Arbitrary<Sent> {
  return fc.record({
    ...common,
    ...owned,
    device: fc.constant('eth0'),
    src: fc.constant(POD[family]),
    dst: fc.constantFrom(...remote[family]),
  });
}

function inside(family: Family): fc.Arbitrary<Sent> {
  return fc.record({
    ...common,
    ...owned,
    device: fc.constant('lo'),
    src: fc.constantFrom(...ownSources[family]),
    dst: fc.constantFrom(...local[family]),
  });
}

function incoming(family: Family): fc.Arbitrary<Sent> {
  return fc.record({
    ...common,
    hook: fc.constant('PREROUTING' as const),
    owner: fc.constant(undefined),
    mark: fc.constant(0),
    device: fc.constant('eth0'),
    src: fc.constantFrom(...remote[family]),
    dst: fc.constant(POD[family]),
  });
}
