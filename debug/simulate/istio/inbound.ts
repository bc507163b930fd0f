import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type Emission, type Names, portText } from './emission.ts';

export function interfaces(plan: RedirectPlan): Emission[] {
  const { mode, excludeInterfaces, virtualInterfaces, dropInvalid } = plan;
  const both = (table: string): Emission[] =>
    excludeInterfaces.flatMap((name) => [
      `${table} PREROUTING -i ${name} -j RETURN`,
      `${table} OUTPUT -o ${name} -j RETURN`,
    ]);
  const drop = [
    'mangle PREROUTING -m conntrack --ctstate INVALID -j ISTIO_DROP',
    'mangle ISTIO_DROP -j DROP',
  ];
  return [
    ...both('nat'),
    ...(mode === 'TPROXY' ? both('mangle') : []),
    ...virtualInterfaces.map((name) => `nat PREROUTING 1 -i ${name} -j RETURN`),
    ...(dropInvalid ? drop : []),
  ];
}

export function inbound(plan: RedirectPlan, { lo }: Names): Emission[] {
  const { mode, inboundPort, outboundPort, tunnelPort } = plan;
  const always = [
    `nat ISTIO_INBOUND -p tcp --dport ${tunnelPort} -j RETURN`,
    `nat ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports ${outboundPort}`,
    `nat ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports ${inboundPort}`,
  ];
  if (plan.inbound.capture === 'none') return always;
  if (mode === 'REDIRECT') {
    return [...always, 'nat PREROUTING -p tcp -j ISTIO_INBOUND', ...captured(plan)];
  }
  return [
    ...always,
    'mangle ISTIO_DIVERT -j MARK --set-mark 1337',
    'mangle ISTIO_DIVERT -j ACCEPT',
    `mangle ISTIO_TPROXY ! -d ${lo} -p tcp -j TPROXY --tproxy-mark 1337/0xffffffff --on-port ${inboundPort}`,
    'mangle PREROUTING -p tcp -j ISTIO_INBOUND',
    ...captured(plan),
  ];
}

function captured({ mode, inbound }: RedirectPlan): Emission[] {
  const redirects = mode === 'REDIRECT';
  const at = redirects ? 'nat ISTIO_INBOUND -p tcp' : 'mangle ISTIO_INBOUND -p tcp';
  const known = '-m conntrack --ctstate RELATED,ESTABLISHED -j ISTIO_DIVERT';
  switch (inbound.capture) {
    case 'none':
      return [];
    case 'all':
      return [
        ...inbound.exclude.map((ports) => `${at} --dport ${portText(ports)} -j RETURN`),
        ...(redirects
          ? [`${at} -j ISTIO_IN_REDIRECT`]
          : [`${at} ${known}`, `${at} -j ISTIO_TPROXY`]),
      ];
    case 'ports':
      return inbound.ports
        .map(portText)
        .flatMap((ports) =>
          redirects
            ? [`${at} --dport ${ports} -j ISTIO_IN_REDIRECT`]
            : [`${at} --dport ${ports} ${known}`, `${at} --dport ${ports} -j ISTIO_TPROXY`],
        );
  }
}
