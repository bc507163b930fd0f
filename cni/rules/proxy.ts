import { type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { loopback } from './addresses.ts';
import { rule, type Rule } from './rule.ts';

/** Tells the sidecar's own traffic, by its user or group, from the application's. */
export function proxyTraffic(plan: RedirectPlan, family: Family): Rule[] {
  const { proxyUid: uid, proxyGid: gid, tunnelPort, captureDns } = plan;
  const local = loopback(plan, family);
  const keepsLoopback = !includesLoopback(plan);
  return [
    // app → its own Service → sidecar → app: the way back in passes the sidecar's inbound side too.
    captureDns
      ? rule(
          'proxy-to-own-service',
        )`! -d ${local} -o lo -p tcp -m multiport ! --dports 53,${tunnelPort} -m owner --uid-owner ${uid} -j ISTIO_IN_REDIRECT`
      : rule(
          'proxy-to-own-service',
        )`! -d ${local} -o lo -p tcp -m tcp ! --dport ${tunnelPort} -m owner --uid-owner ${uid} -j ISTIO_IN_REDIRECT`,
    // app → app over loopback is none of the sidecar's business.
    ...(keepsLoopback ? [appToApp(plan)] : []),
    // The sidecar's own connections leave, or they would loop.
    rule('proxy-uid')`-m owner --uid-owner ${uid} -j RETURN`,
    // Without DNS capture, all that is on lo has returned by now, by the rule of the proxy's user or its opposite.
    ...(captureDns || !keepsLoopback
      ? [
          rule(
            'proxy-group-to-own-service',
          )`! -d ${local} -o lo -p tcp -m tcp ! --dport ${tunnelPort} -m owner --gid-owner ${gid} -j ISTIO_IN_REDIRECT`,
        ]
      : []),
    rule('proxy-gid')`-m owner --gid-owner ${gid} -j RETURN`,
  ];
}

function appToApp({ proxyUid, captureDns }: RedirectPlan): Rule {
  return captureDns
    ? rule(
        'app-to-app',
      )`-o lo -p tcp -m tcp ! --dport 53 -m owner ! --uid-owner ${proxyUid} -j RETURN`
    : rule('app-to-app')`-o lo -m owner ! --uid-owner ${proxyUid} -j RETURN`;
}

/** Whether the operator wants loopback traffic redirected; as Istio sees it, one such range counts for both families. */
function includesLoopback({ includeOutboundCidrs }: RedirectPlan): boolean {
  return (
    includeOutboundCidrs !== 'all' &&
    includeOutboundCidrs.some(({ text }) => text.startsWith('127.') || text === '::1/128')
  );
}
