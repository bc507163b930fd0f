import assert from 'node:assert/strict';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { createContains } from '../../../debug/trace/contains.ts';
import { type Packet } from '../../../debug/trace/packet.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { createWalker } from '../../../debug/trace/walk.ts';
import { redirectionCases } from '../../support/redirection.ts';

const request: Packet = {
  hook: 'OUTPUT',
  device: 'eth0',
  proto: 'tcp',
  src: '10.9.0.5',
  dst: '10.9.9.9',
  sport: 40000,
  dport: 80,
  owner: { uid: 1000, gid: 2001 },
  mark: 0,
  connmark: 0,
  ctstate: 'NEW',
};
const incoming: Packet = { ...request, hook: 'PREROUTING', owner: undefined, dport: 8080 };
const query = { proto: 'udp', dport: 53 } as const;
const service = { device: 'lo', src: '10.9.0.5', dst: '10.96.0.1' } as const;

const cases: readonly [string, string, Packet, string][] = [
  ['an outgoing connection', 'defaults', request, 'REDIRECT 15001'],
  ['an incoming connection', 'defaults', incoming, 'REDIRECT 15006'],
  ['UDP', 'defaults', { ...request, ...query }, 'ACCEPT'],
  ['the tunnel port', 'defaults', { ...incoming, dport: 15008 }, 'ACCEPT'],
  ['the tunnel port with TPROXY', 'tproxy', { ...incoming, dport: 15008 }, 'ACCEPT'],
  ['a health port', 'defaults', { ...incoming, dport: 15021 }, 'ACCEPT'],
  ['the sidecar itself', 'defaults', { ...request, owner: { uid: 1337, gid: 1 } }, 'ACCEPT'],
  ['the sidecar by its group', 'defaults', { ...request, owner: { uid: 1, gid: 1337 } }, 'ACCEPT'],
  ['app to app on lo', 'defaults', { ...request, ...service }, 'ACCEPT'],
  [
    'the sidecar to its own service',
    'defaults',
    { ...request, ...service, owner: { uid: 1337, gid: 1 } },
    'REDIRECT 15006',
  ],
  ['the sidecar to the app', 'defaults', { ...request, ...service, src: '127.0.0.6' }, 'ACCEPT'],
  ['custom listeners', 'custom-ids', request, 'REDIRECT 16001'],
  ['an excluded inbound port', 'exclude-ports', { ...incoming, dport: 8005 }, 'ACCEPT'],
  ['a port below', 'exclude-ports', { ...incoming, dport: 7999 }, 'REDIRECT 15006'],
  ['an excluded outbound port', 'exclude-ports', { ...request, dport: 9010 }, 'ACCEPT'],
  ['a port above', 'exclude-ports', { ...request, dport: 9011 }, 'REDIRECT 15001'],
  ['any outbound port', 'exclude-all-outbound', request, 'ACCEPT'],
  ['an included inbound port', 'include-inbound-ports', incoming, 'REDIRECT 15006'],
  ['another inbound port', 'include-inbound-ports', { ...incoming, dport: 80 }, 'ACCEPT'],
  ['the tunnel port, included', 'include-tunnel-port', { ...incoming, dport: 15008 }, 'ACCEPT'],
  ['inbound, not captured', 'no-inbound', incoming, 'ACCEPT'],
  ['an included range', 'include-cidrs', request, 'REDIRECT 15001'],
  ['an excluded range', 'include-cidrs', { ...request, dst: '10.1.2.3' }, 'ACCEPT'],
  ['another range', 'include-cidrs', { ...request, dst: '9.9.9.9' }, 'ACCEPT'],
  ['any address', 'include-any-cidr', request, 'REDIRECT 15001'],
  ['outbound, not captured', 'no-outbound', request, 'ACCEPT'],
  ['an included outbound port', 'include-outbound-ports', request, 'REDIRECT 15001'],
  ['another outbound port', 'include-outbound-ports', { ...request, dport: 81 }, 'ACCEPT'],
  [
    'included loopback',
    'include-loopback',
    { ...request, device: 'lo', dst: '127.1.2.3' },
    'REDIRECT 15001',
  ],
  ['out by an excluded interface', 'exclude-interfaces', { ...request, device: 'net1' }, 'ACCEPT'],
  ['in by an excluded interface', 'exclude-interfaces', { ...incoming, device: 'net1' }, 'ACCEPT'],
  [
    'in by a virtual interface',
    'virtual-interfaces',
    { ...incoming, device: 'vif' },
    'REDIRECT 15001',
  ],
  ['an included group', 'include-groups', request, 'REDIRECT 15001'],
  ['another group', 'include-groups', { ...request, owner: { uid: 1, gid: 1 } }, 'ACCEPT'],
  ['an excluded group', 'exclude-groups', request, 'ACCEPT'],
  [
    'not an excluded group',
    'exclude-groups',
    { ...request, owner: { uid: 1, gid: 1 } },
    'REDIRECT 15001',
  ],
  ['an invalid packet', 'drop-invalid', { ...incoming, ctstate: 'INVALID' }, 'DROP'],
  ['a DNS query', 'dns', { ...request, ...query }, 'REDIRECT 15053'],
  ["the sidecar's query", 'dns', { ...request, ...query, owner: { uid: 1337, gid: 1 } }, 'ACCEPT'],
  ['incoming with TPROXY', 'tproxy', incoming, 'TPROXY 15006'],
  ['marked with TPROXY', 'tproxy', { ...incoming, mark: 0x539 }, 'ACCEPT'],
];

describe('the fate of a packet', () => {
  for (const [what, name, packet, verdict] of cases) {
    it(`${what} (${name}): ${verdict}`, () => {
      const plan = redirectionCases[name];
      assert.ok(plan);
      const tables = tablesOf(rulesets(plan, '0.1.0').ipv4);
      assert.equal(createWalker(tables, createContains('ipv4')).walk(packet).verdict, verdict);
    });
  }
});
