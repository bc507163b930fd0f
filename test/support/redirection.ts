import { type Cidr, LOOPBACK } from '../../cni/redirect/cidrs.ts';
import { parseInterfaces } from '../../cni/redirect/interfaces.ts';
import { parseGroups, parseOwnerId } from '../../cni/redirect/owners.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { parsePort, parsePortRanges } from '../../cni/redirect/ports.ts';

/** The plan of a pod without any annotation of its own, with the changes that a test is about. */
export function redirection(changes: Partial<RedirectPlan> = {}): RedirectPlan {
  return {
    mode: 'REDIRECT',
    proxyUid: parseOwnerId('1337'),
    proxyGid: parseOwnerId('1337'),
    outboundPort: parsePort('15001'),
    inboundPort: parsePort('15006'),
    tunnelPort: parsePort('15008'),
    inbound: { capture: 'all', exclude: parsePortRanges('15020,15021,15090') },
    includeOutboundCidrs: 'all',
    excludeOutboundCidrs: [],
    includeOutboundPorts: [],
    excludeOutboundPorts: parsePortRanges('15020'),
    excludeInterfaces: [],
    virtualInterfaces: [],
    ownerGroups: { redirect: 'all' },
    loopbackCidr: LOOPBACK,
    captureDns: false,
    dropInvalid: false,
    ...changes,
  };
}

/** Ranges that are already in canonical form: `10.0.0.0/8,2001:db8::/32`. */
export function cidrs(text: string): Cidr[] {
  return text
    .split(',')
    .map((each) => ({ family: each.includes(':') ? 'ipv6' : 'ipv4', text: each }) as Cidr);
}

const ranges = cidrs('10.0.0.0/8,172.16.0.0/12,2001:db8::/32,fd00:0:0:1::/64');
const excludedRanges = cidrs('10.1.0.0/16,192.168.3.4/32,2001:db8:1::/48');
const withLoopback = cidrs('127.1.2.3/32,10.0.0.0/8');
const tunnels = parsePortRanges('15008,8080');
const [wholeLoopback = LOOPBACK] = cidrs('127.0.0.0/8');

const only = { capture: 'ports', ports: parsePortRanges('8080,8443,9000-9010') } as const;
const none = { capture: 'none' } as const;
const transparent = { mode: 'TPROXY', proxyGid: parseOwnerId('1338') } as const;
const interfaces = parseInterfaces('eth1,net1');
const teams = parseGroups('2001,2002');
const virtual = parseInterfaces('docker0,vif');

/** One per mode and setting; the golden files are named after them. */
export const redirectionCases: Readonly<Record<string, RedirectPlan>> = {
  defaults: redirection(),
  'custom-ids': redirection({
    proxyUid: parseOwnerId('1000670000'),
    proxyGid: parseOwnerId('1000670001'),
    outboundPort: parsePort('16001'),
    inboundPort: parsePort('16006'),
    tunnelPort: parsePort('16008'),
  }),
  'exclude-ports': redirection({
    inbound: { capture: 'all', exclude: parsePortRanges('22,8000-8010,15008') },
    excludeOutboundPorts: parsePortRanges('5432,9000-9010'),
  }),
  'exclude-all-outbound': redirection({ excludeOutboundPorts: 'all', captureDns: true }),
  'include-inbound-ports': redirection({ inbound: only }),
  'include-tunnel-port': redirection({ inbound: { capture: 'ports', ports: tunnels } }),
  'no-inbound': redirection({ inbound: none }),
  'include-cidrs': redirection({
    includeOutboundCidrs: ranges,
    excludeOutboundCidrs: excludedRanges,
  }),
  'include-any-cidr': redirection({ includeOutboundCidrs: cidrs('0.0.0.0/0,::/0') }),
  'include-dotted-cidrs': redirection({
    includeOutboundCidrs: cidrs('::ffff:a00:0/104,::102:304/128,1:0:0:2::/64'),
  }),
  'include-loopback': redirection({ includeOutboundCidrs: withLoopback }),
  'no-outbound': redirection({ includeOutboundCidrs: [], includeOutboundPorts: [] }),
  'include-outbound-ports': redirection({
    includeOutboundCidrs: [],
    includeOutboundPorts: parsePortRanges('80,8000-8010'),
  }),
  'include-all-outbound-ports': redirection({
    includeOutboundCidrs: [],
    includeOutboundPorts: 'all',
  }),
  'exclude-interfaces': redirection({ excludeInterfaces: interfaces }),
  'virtual-interfaces': redirection({ virtualInterfaces: virtual, excludeInterfaces: interfaces }),
  'virtual-interfaces-cidrs': redirection({
    virtualInterfaces: virtual,
    includeOutboundCidrs: ranges,
  }),
  'include-groups': redirection({ ownerGroups: { redirect: 'only', groups: teams } }),
  'include-no-group': redirection({ ownerGroups: { redirect: 'only', groups: [] } }),
  'exclude-groups': redirection({ ownerGroups: { redirect: 'except', groups: teams } }),
  'loopback-cidr': redirection({ loopbackCidr: wholeLoopback }),
  'drop-invalid': redirection({ dropInvalid: true }),
  dns: redirection({ captureDns: true, proxyGid: parseOwnerId('1338') }),
  'dns-loopback': redirection({ captureDns: true, includeOutboundCidrs: withLoopback }),
  tproxy: redirection({ ...transparent }),
  'tproxy-ports': redirection({ ...transparent, inbound: only }),
  'tproxy-no-inbound': redirection({
    ...transparent,
    inbound: none,
    dropInvalid: true,
    excludeInterfaces: interfaces,
  }),
  everything: redirection({
    ...transparent,
    inbound: { capture: 'all', exclude: parsePortRanges('22,8000-8010') },
    includeOutboundCidrs: ranges,
    excludeOutboundCidrs: excludedRanges,
    includeOutboundPorts: parsePortRanges('80'),
    excludeOutboundPorts: parsePortRanges('5432,9000-9010'),
    excludeInterfaces: interfaces,
    virtualInterfaces: virtual,
    ownerGroups: { redirect: 'only', groups: teams },
    captureDns: true,
    dropInvalid: true,
  }),
};
