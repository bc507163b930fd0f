import { type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { ofFamily } from './addresses.ts';
import { dnsRedirects } from './dns.ts';
import { butTunnel, exemptInbound } from './inbound.ts';
import { output } from './output.ts';
import { rule, type Rule, type Table } from './rule.ts';
import { chain, table } from './table.ts';

/** Takes connections to the sidecar's listeners. With TPROXY, inbound ones are taken in the mangle table instead. */
export function natTable(plan: RedirectPlan, family: Family): Table {
  const { excludeInterfaces, inboundPort, outboundPort } = plan;
  return table('nat', [
    chain('PREROUTING', prerouting(plan, family)),
    chain('OUTPUT', [
      ...excludeInterfaces.map((name) => rule('exclude-interface')`-o ${name} -j RETURN`),
      rule('output')`-j ISTIO_OUTPUT`,
    ]),
    chain('ISTIO_INBOUND', [...exemptInbound(plan), ...redirectInbound(plan)]),
    chain('ISTIO_OUTPUT', output(plan, family)),
    chain('ISTIO_OUTPUT_DNS', dnsRedirects),
    chain('ISTIO_IN_REDIRECT', [
      rule('to-inbound-listener')`-p tcp -j REDIRECT --to-ports ${inboundPort}`,
    ]),
    chain('ISTIO_REDIRECT', [
      rule('to-outbound-listener')`-p tcp -j REDIRECT --to-ports ${outboundPort}`,
    ]),
  ]);
}

function prerouting(plan: RedirectPlan, family: Family): Rule[] {
  const { excludeInterfaces, inbound, mode } = plan;
  return [
    ...fromVirtualInterfaces(plan, family),
    ...excludeInterfaces.map((name) => rule('exclude-interface')`-i ${name} -j RETURN`),
    ...(mode === 'REDIRECT' && inbound.capture !== 'none'
      ? [rule('inbound')`-p tcp -j ISTIO_INBOUND`]
      : []),
  ];
}

/** Istio inserts these rules one by one at the chain's head, so the last one of its loops stands first. */
function fromVirtualInterfaces(plan: RedirectPlan, family: Family): Rule[] {
  const { virtualInterfaces, includeOutboundCidrs } = plan;
  const id = 'virtual-interface';
  const redirects =
    includeOutboundCidrs === 'all'
      ? virtualInterfaces.map((name) => rule(id)`-i ${name} -j ISTIO_REDIRECT`)
      : ofFamily(family, includeOutboundCidrs).flatMap((cidr) =>
          virtualInterfaces.map((name) => rule(id)`-d ${cidr} -i ${name} -j ISTIO_REDIRECT`),
        );
  const returns = virtualInterfaces.map((name) => rule(id)`-i ${name} -j RETURN`);
  return [...redirects.reverse(), ...returns.reverse()];
}

function redirectInbound(plan: RedirectPlan): Rule[] {
  const { inbound } = plan;
  if (inbound.capture === 'none') return [];
  if (inbound.capture === 'all') {
    return [rule('include-inbound')`-p tcp -j ISTIO_IN_REDIRECT`];
  }
  return butTunnel(plan, inbound.ports).map(
    (ports) => rule('include-inbound-port')`-p tcp -m tcp --dport ${ports} -j ISTIO_IN_REDIRECT`,
  );
}
