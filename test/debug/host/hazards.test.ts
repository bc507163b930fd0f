import assert from 'node:assert/strict';
import { parsePortRanges } from '../../../cni/redirect/ports.ts';
import { parseOwnerId } from '../../../cni/redirect/owners.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import {
  capturesInbound,
  hazards,
  type Surroundings,
  type Wanted,
} from '../../../debug/host/hazards.ts';
import { parseSockets } from '../../../debug/host/sockets.ts';
import { redirection } from '../../support/redirection.ts';

const listeners = [
  { port: 15001, uid: 1337 },
  { port: 15006, uid: 1337 },
];
const host: Surroundings = {
  addresses: ['10.0.0.5', '2001:db8::5'],
  sockets: { listeners, connections: 3 },
  sshPorts: [22],
};
const butSsh = { inbound: { capture: 'all', exclude: parsePortRanges('22') } } as const;

function wanted(plan: Partial<RedirectPlan>, changes: Partial<Wanted> = {}): Wanted {
  const defaults = { addresses: ['10.0.0.5'], withoutSsh: false, withoutProxy: false };
  return { plan: redirection({ ...butSsh, ...plan }), ...defaults, ...changes };
}

describe('hazards()', () => {
  const all = redirection().inbound;
  const cases: Readonly<
    Record<string, { wanted: Wanted; host?: Partial<Surroundings>; says: RegExp | undefined }>
  > = {
    'nothing in a host that is ready': { wanted: wanted({}), says: undefined },
    'SSH that is captured': { wanted: wanted({ inbound: all }), says: /^inbound port 22 would go/ },
    'SSH on the port by which somebody came': {
      wanted: wanted({}),
      host: { sshPorts: [22, 2222] },
      says: /^inbound port 2222 would go/,
    },
    'nothing where SSH is given up': {
      wanted: wanted({ inbound: all }, { withoutSsh: true }),
      says: undefined,
    },
    'an address of another host': {
      wanted: wanted({}, { addresses: ['10.0.0.5', '10.0.0.6'] }),
      says: /^10.0.0.6 is no address of this host, which has 10.0.0.5, 2001:db8::5/,
    },
    'addresses of another host': {
      wanted: wanted({}, { addresses: ['9.9.9.9', 'fd09::5'] }),
      host: { addresses: [] },
      says: /^9.9.9.9, fd09::5 are no addresses of this host, which has none: see/,
    },
    'nobody who takes what leaves': {
      wanted: wanted({}),
      host: { sockets: { listeners: listeners.slice(1), connections: 0 } },
      says: /^nobody listens on 15001/,
    },
    'nothing where only outbound traffic is captured, of what comes in': {
      wanted: wanted({ inbound: { capture: 'none' } }),
      host: { sockets: { listeners: listeners.slice(0, 1), connections: 0 } },
      says: undefined,
    },
    'nobody who answers DNS': {
      wanted: wanted({ captureDns: true }),
      says: /^nobody listens on 15053/,
    },
    'a sidecar that is another user': {
      wanted: wanted({ proxyUid: parseOwnerId('998') }),
      says: /^user 1337 listens on 15001, not 998: .*--proxy-user 1337$/,
    },
    'nothing of the user with TPROXY': {
      wanted: wanted({ mode: 'TPROXY', proxyUid: parseOwnerId('998') }),
      says: undefined,
    },
    'nothing of a sidecar that is given up': {
      wanted: wanted({}, { withoutProxy: true }),
      host: { sockets: { listeners: [], connections: 0 } },
      says: undefined,
    },
  };
  for (const [name, { wanted: what, host: changes, says }] of Object.entries(cases)) {
    it(`finds ${name}`, () => {
      const [first = ''] = hazards(what, { ...host, ...changes });
      if (says) assert.match(first, says);
      else assert.equal(first, '');
    });
  }
});

describe('capturesInbound()', () => {
  const tunnelPort = redirection().tunnelPort;
  const cases = [
    { inbound: { capture: 'none' }, captured: [] },
    { inbound: { capture: 'ports', ports: parsePortRanges('20-22') }, captured: [20, 22] },
    { inbound: { capture: 'all', exclude: parsePortRanges('22') }, captured: [20, 80] },
  ] as const;
  for (const { inbound, captured } of cases) {
    it(inbound.capture, () => {
      const found = [20, 22, 80, 15008].filter((port) =>
        capturesInbound({ inbound, tunnelPort }, port),
      );
      assert.deepEqual(found, captured);
    });
  }
});

describe('parseSockets()', () => {
  const text = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:3A99 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1337        0 1 1
   1: 0500000A:0016 0900000A:D431 01 00000000:00000000 02:000A0000 00000000     0        0 2 2
   2: 0100007F:D432 0100007F:0050 01 00000000:00000000 02:000A0000 00000000     0        0 3 2
  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:3A9E 00000000000000000000000000000000:0000 0A 0:0 00:0 0  998 0 4 1
   1: 00000000000000000000000001000000:D433 00000000000000000000000001000000:0050 01 0:0 00:0 0  998 0 5 1
`;
  it('tells listeners with their users, and connections with others', () => {
    assert.deepEqual(parseSockets(text), {
      listeners: [
        { port: 15001, uid: 1337 },
        { port: 15006, uid: 998 },
      ],
      connections: 1,
    });
  });
});
