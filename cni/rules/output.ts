import { type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { loopback, ofFamily, passthrough } from './addresses.ts';
import { rule, type Rule } from './rule.ts';
import { proxyTraffic } from './proxy.ts';

/** What leaves the application. First match wins, so the order is the meaning. */
export function output(plan: RedirectPlan, family: Family): Rule[] {
  const { excludeOutboundPorts, excludeOutboundCidrs, captureDns } = plan;
  if (excludeOutboundPorts === 'all') {
    return [
      rule('exclude-outbound-port')`-p tcp -j RETURN`,
      rule('exclude-outbound-port')`-p udp -j RETURN`,
    ];
  }
  return [
    ...excludeOutboundPorts.flatMap((ports) => [
      rule('exclude-outbound-port')`-p tcp -m tcp --dport ${ports} -j RETURN`,
      rule('exclude-outbound-port')`-p udp -m udp --dport ${ports} -j RETURN`,
    ]),
    rule('passthrough')`-s ${passthrough(family)} -o lo -j RETURN`,
    ...proxyTraffic(plan, family),
    ...otherGroups(plan),
    ...(captureDns ? [rule('dns')`-j ISTIO_OUTPUT_DNS`] : []),
    rule('loopback')`-d ${loopback(plan, family)} -j RETURN`,
    ...ofFamily(family, excludeOutboundCidrs).map(
      (cidr) => rule('exclude-outbound-cidr')`-d ${cidr} -j RETURN`,
    ),
    ...redirectOutbound(plan, family),
  ];
}

/** Processes outside the groups that are to be redirected. */
function otherGroups({ ownerGroups }: RedirectPlan): Rule[] {
  switch (ownerGroups.redirect) {
    case 'all':
      return [];
    case 'except':
      return ownerGroups.groups.map(
        (group) => rule('exclude-owner-group')`-m owner --gid-owner ${group} -j RETURN`,
      );
    case 'only': {
      // In one rule: a process is outside only if it is in none of them.
      const outside = ownerGroups.groups.map((group) => `-m owner ! --gid-owner ${group}`);
      return [{ id: 'include-owner-groups', match: outside.join(' '), target: 'RETURN' }];
    }
  }
}

function redirectOutbound(plan: RedirectPlan, family: Family): Rule[] {
  const { includeOutboundPorts, includeOutboundCidrs } = plan;
  if (includeOutboundPorts === 'all') {
    return [rule('include-outbound-port')`-p tcp -j ISTIO_REDIRECT`];
  }
  const ports = includeOutboundPorts.map(
    (range) => rule('include-outbound-port')`-p tcp -m tcp --dport ${range} -j ISTIO_REDIRECT`,
  );
  if (includeOutboundCidrs === 'all') {
    return [...ports, rule('include-outbound')`-j ISTIO_REDIRECT`];
  }
  const cidrs = ofFamily(family, includeOutboundCidrs).map(
    (cidr) => rule('include-outbound-cidr')`-d ${cidr} -j ISTIO_REDIRECT`,
  );
  return [...ports, ...cidrs];
}
