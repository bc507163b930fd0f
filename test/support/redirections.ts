import fc from 'fast-check';
import { LOOPBACK } from '../../cni/redirect/cidrs.ts';
import { parseInterfaces } from '../../cni/redirect/interfaces.ts';
import { type OwnerGroups, parseGroups, parseOwnerId } from '../../cni/redirect/owners.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { parsePort, parsePortRanges } from '../../cni/redirect/ports.ts';
import { cidrs } from './redirection.ts';

const [wholeLoopback = LOOPBACK] = cidrs('127.0.0.0/8');
const includable = cidrs('10.0.0.0/8,127.1.2.3/32,::1/128,2001:db8::/32');
const excludable = cidrs('10.1.0.0/16,192.168.3.4/32,2001:db8:1::/48');
const groupIds = parseGroups('1337,1338,2001,2002');

function some<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.subarray([...items], { maxLength: 2 });
}

const groups: fc.Arbitrary<OwnerGroups> = fc.oneof(
  fc.constant({ redirect: 'all' } as const),
  some(groupIds).map((members) => ({ redirect: 'only', groups: members }) as const),
  some(groupIds).map((members) => ({ redirect: 'except', groups: members }) as const),
);

const inbound: fc.Arbitrary<RedirectPlan['inbound']> = fc.oneof(
  some(parsePortRanges('53,8000-8010,15008')).map(
    (exclude) => ({ capture: 'all', exclude }) as const,
  ),
  some(parsePortRanges('53,8000-8010,15008')).map(
    (ports) => ({ capture: 'ports', ports }) as const,
  ),
  fc.constant({ capture: 'none' } as const),
);

const outboundPorts = fc.oneof(
  { weight: 6, arbitrary: some(parsePortRanges('53,443,9000-9010')) },
  { weight: 1, arbitrary: fc.constant('all' as const) },
);

/** Any plan, also one whose settings contradict each other. */
export const redirections: fc.Arbitrary<RedirectPlan> = fc.record({
  mode: fc.constantFrom('REDIRECT', 'TPROXY'),
  proxyUid: fc.constant(parseOwnerId('1337')),
  proxyGid: fc.constantFrom(parseOwnerId('1337'), parseOwnerId('1338')),
  outboundPort: fc.constant(parsePort('15001')),
  inboundPort: fc.constant(parsePort('15006')),
  tunnelPort: fc.constant(parsePort('15008')),
  inbound,
  includeOutboundCidrs: fc.oneof(fc.constant('all' as const), some(includable)),
  excludeOutboundCidrs: some(excludable),
  includeOutboundPorts: outboundPorts,
  excludeOutboundPorts: outboundPorts,
  excludeInterfaces: some(parseInterfaces('eth1,net1')),
  virtualInterfaces: some(parseInterfaces('docker0,eth1')),
  ownerGroups: groups,
  loopbackCidr: fc.constantFrom(LOOPBACK, wholeLoopback),
  captureDns: fc.boolean(),
  dropInvalid: fc.boolean(),
});
