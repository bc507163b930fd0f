import { type RedirectPlan } from '../redirect/plan.ts';
import { type PortRange } from '../redirect/ports.ts';
import { rule, type Rule } from './rule.ts';

/**
 * Inbound connections that are left alone, in the table that takes the others.
 *
 * Istio exempts the tunnel port in the nat table only, so that TPROXY takes it from the tunnel's own listener.
 */
export function exemptInbound(plan: RedirectPlan): Rule[] {
  const { inbound, tunnelPort } = plan;
  const excluded = inbound.capture === 'all' ? butTunnel(plan, inbound.exclude) : [];
  return [
    rule('tunnel-port')`-p tcp -m tcp --dport ${tunnelPort} -j RETURN`,
    ...excluded.map(
      (ports) => rule('exclude-inbound-port')`-p tcp -m tcp --dport ${ports} -j RETURN`,
    ),
  ];
}

/** The ranges that hold more than the tunnel port, which has a rule of its own in front. */
export function butTunnel({ tunnelPort }: RedirectPlan, ranges: readonly PortRange[]): PortRange[] {
  return ranges.filter(({ first, last }) => first !== tunnelPort || last !== tunnelPort);
}
