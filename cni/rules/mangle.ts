import { type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { loopback, passthrough } from './addresses.ts';
import { butTunnel, exemptInbound } from './inbound.ts';
import { rule, type Rule, type Table } from './rule.ts';
import { chain, table } from './table.ts';

/** Whether inbound connections are taken without changing their addresses, which also needs a route. */
export function interceptsTransparently({ mode, inbound }: RedirectPlan): boolean {
  return mode === 'TPROXY' && inbound.capture !== 'none';
}

/** Mark 0x539 (1337): on its way between sidecar and client. Mark 0x53a (1338): from the sidecar to its own Service. */
export function mangleTable(plan: RedirectPlan, family: Family): Table {
  const local = loopback(plan, family);
  const anyAddress = family === 'ipv4' ? '0.0.0.0' : '::';
  return table('mangle', [
    chain('PREROUTING', prerouting(plan)),
    chain('OUTPUT', interceptsTransparently(plan) ? output(plan, family) : []),
    chain('ISTIO_DROP', [rule('drop-invalid')`-j DROP`]),
    chain('ISTIO_INBOUND', inbound(plan, family)),
    chain('ISTIO_DIVERT', [
      rule('divert-mark')`-j MARK --set-xmark 0x539/0xffffffff`,
      rule('divert')`-j ACCEPT`,
    ]),
    chain('ISTIO_TPROXY', [
      rule(
        'to-inbound-listener',
      )`! -d ${local} -p tcp -j TPROXY --on-port ${plan.inboundPort} --on-ip ${anyAddress} --tproxy-mark 0x539/0xffffffff`,
    ]),
  ]);
}

function prerouting(plan: RedirectPlan): Rule[] {
  const dropInvalid = plan.dropInvalid
    ? [rule('drop-invalid')`-m conntrack --ctstate INVALID -j ISTIO_DROP`]
    : [];
  const intercept = interceptsTransparently(plan)
    ? [
        rule('inbound')`-p tcp -j ISTIO_INBOUND`,
        // The sidecar marks what it sends on with the client's address; the answers must find back to it.
        rule(
          'save-mark',
        )`-p tcp -m mark --mark 0x539 -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff`,
      ]
    : [];
  const rules = [...dropInvalid, ...intercept];
  if (plan.mode === 'REDIRECT' || rules.length === 0) return rules;
  const exempt = plan.excludeInterfaces.map(
    (name) => rule('exclude-interface')`-i ${name} -j RETURN`,
  );
  return [...exempt, ...rules];
}

function output(plan: RedirectPlan, family: Family): Rule[] {
  const { excludeInterfaces, proxyUid, proxyGid } = plan;
  const local = loopback(plan, family);
  return [
    ...excludeInterfaces.map((name) => rule('exclude-interface')`-o ${name} -j RETURN`),
    rule('marked')`-o lo -p tcp -m mark --mark 0x539 -j RETURN`,
    rule(
      'proxy-to-own-service',
    )`! -d ${local} -o lo -p tcp -m owner --uid-owner ${proxyUid} -j MARK --set-xmark 0x53a/0xffffffff`,
    rule(
      'proxy-group-to-own-service',
    )`! -d ${local} -o lo -p tcp -m owner --gid-owner ${proxyGid} -j MARK --set-xmark 0x53a/0xffffffff`,
    rule(
      'restore-mark',
    )`-p tcp -m connmark --mark 0x539 -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff`,
  ];
}

function inbound(plan: RedirectPlan, family: Family): Rule[] {
  return [
    rule('marked')`-p tcp -m mark --mark 0x539 -j RETURN`,
    rule('passthrough')`-s ${passthrough(family)} -i lo -p tcp -j RETURN`,
    // On lo, only the sidecar's calls to its own Service pass its inbound side.
    rule('loopback')`-i lo -p tcp -m mark ! --mark 0x53a -j RETURN`,
    ...exemptInbound(plan),
    ...divertInbound(plan),
  ];
}

/** Packets of connections that the sidecar already holds need a mark only, new ones a listener. */
function divertInbound(plan: RedirectPlan): Rule[] {
  if (plan.inbound.capture === 'none') return [];
  if (plan.inbound.capture === 'all') {
    return [
      rule(
        'established-inbound',
      )`-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ISTIO_DIVERT`,
      rule('include-inbound')`-p tcp -j ISTIO_TPROXY`,
    ];
  }
  return butTunnel(plan, plan.inbound.ports).flatMap((ports) => [
    rule(
      'established-inbound',
    )`-p tcp -m tcp --dport ${ports} -m conntrack --ctstate RELATED,ESTABLISHED -j ISTIO_DIVERT`,
    rule('include-inbound-port')`-p tcp -m tcp --dport ${ports} -j ISTIO_TPROXY`,
  ]);
}
