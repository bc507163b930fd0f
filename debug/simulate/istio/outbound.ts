import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { dnsRedirects, dnsZones } from './dns.ts';
import { type Emission, type Names, portText } from './emission.ts';

const at = 'nat ISTIO_OUTPUT';

export function outbound(plan: RedirectPlan, family: Family, names: Names): Emission[] {
  const { lo, pass } = names;
  const excluded = plan.excludeOutboundCidrs.filter((cidr) => cidr.family === family);
  return [
    'nat OUTPUT -j ISTIO_OUTPUT',
    ...excludedPorts(plan),
    `${at} -o lo -s ${pass} -j RETURN`,
    ...owners(plan, names),
    ...groups(plan),
    ...(plan.captureDns ? [...dnsZones(plan), ...dnsRedirects()] : []),
    `${at} -d ${lo} -j RETURN`,
    ...excluded.map(({ text }) => `${at} -d ${text} -j RETURN`),
    ...includedPorts(plan),
    ...includedCidrs(plan, family),
  ];
}

function excludedPorts({ excludeOutboundPorts }: RedirectPlan): Emission[] {
  if (excludeOutboundPorts === 'all') return [`${at} -p tcp -j RETURN`, `${at} -p udp -j RETURN`];
  return excludeOutboundPorts
    .map(portText)
    .flatMap((ports) => [
      `${at} -p tcp --dport ${ports} -j RETURN`,
      `${at} -p udp --dport ${ports} -j RETURN`,
    ]);
}

function owners(plan: RedirectPlan, { lo }: Names): Emission[] {
  const { captureDns, tunnelPort, includeOutboundCidrs } = plan;
  const includesLoopback =
    includeOutboundCidrs !== 'all' &&
    includeOutboundCidrs.some(({ text }) => text.startsWith('127.') || text === '::1/128');
  const three = (option: string, id: number, ports: string): Emission[] => [
    `${at} -o lo ! -d ${lo} -p tcp ${ports} -m owner ${option} ${id} -j ISTIO_IN_REDIRECT`,
    ...(includesLoopback
      ? []
      : [
          captureDns
            ? `${at} -o lo -p tcp ! --dport 53 -m owner ! ${option} ${id} -j RETURN`
            : `${at} -o lo -m owner ! ${option} ${id} -j RETURN`,
        ]),
    `${at} -m owner ${option} ${id} -j RETURN`,
  ];
  const notTunnel = `! --dport ${tunnelPort}`;
  return [
    ...three(
      '--uid-owner',
      plan.proxyUid,
      captureDns ? `-m multiport ! --dports 53,${tunnelPort}` : notTunnel,
    ),
    ...three('--gid-owner', plan.proxyGid, notTunnel),
  ];
}

function groups({ ownerGroups }: RedirectPlan): Emission[] {
  if (ownerGroups.redirect === 'all') return [];
  if (ownerGroups.redirect === 'except') {
    return ownerGroups.groups.map((group) => `${at} -m owner --gid-owner ${group} -j RETURN`);
  }
  const none = ownerGroups.groups.map((group) => `-m owner ! --gid-owner ${group}`);
  return [[at, ...none, '-j RETURN'].join(' ')];
}

function includedPorts({ includeOutboundPorts }: RedirectPlan): Emission[] {
  if (includeOutboundPorts === 'all') return [`${at} -p tcp -j ISTIO_REDIRECT`];
  return includeOutboundPorts.map(
    (ports) => `${at} -p tcp --dport ${portText(ports)} -j ISTIO_REDIRECT`,
  );
}

function includedCidrs(plan: RedirectPlan, family: Family): Emission[] {
  const { includeOutboundCidrs, virtualInterfaces } = plan;
  if (includeOutboundCidrs === 'all') {
    return [
      `${at} -j ISTIO_REDIRECT`,
      ...virtualInterfaces.map((name) => `nat PREROUTING 1 -i ${name} -j ISTIO_REDIRECT`),
    ];
  }
  return includeOutboundCidrs
    .filter((cidr) => cidr.family === family)
    .flatMap(({ text }) => [
      ...virtualInterfaces.map(
        (name) => `nat PREROUTING 1 -i ${name} -d ${text} -j ISTIO_REDIRECT`,
      ),
      `${at} -d ${text} -j ISTIO_REDIRECT`,
    ]);
}
