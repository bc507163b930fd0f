import { type RedirectPlan } from '../redirect/plan.ts';
import { rule, type Rule, type Table } from './rule.ts';
import { chain, table } from './table.ts';

/** All DNS queries go to the sidecar's DNS listener: the nat chain that does it. */
export const dnsRedirects: readonly Rule[] = [
  rule('dns-tcp')`-p tcp -m tcp --dport 53 -j REDIRECT --to-ports 15053`,
  rule('dns-udp')`-p udp -m udp --dport 53 -j REDIRECT --to-ports 15053`,
];

/**
 * Keeps the conntrack entries of a query apart from those of the same query sent on by the sidecar, which may have
 * the same source port: zone 1 lies between the sidecar and its server, zone 2 between the application and the sidecar.
 *
 * The first rule that matches decides: the target leaves packets alone that already have a zone.
 */
export function rawTable({ captureDns, proxyUid, proxyGid }: RedirectPlan): Table {
  if (!captureDns) return table('raw', []);
  return table('raw', [
    chain('PREROUTING', [rule('dns-zone-inbound')`-j ISTIO_INBOUND`]),
    chain('OUTPUT', [rule('dns-zone-output')`-j ISTIO_OUTPUT_DNS`]),
    chain('ISTIO_INBOUND', [rule('dns-answer')`-p udp -m udp --sport 53 -j CT --zone 1`]),
    chain('ISTIO_OUTPUT_DNS', [
      rule(
        'dns-proxy-query',
      )`-p udp -m udp --dport 53 -m owner --uid-owner ${proxyUid} -j CT --zone 1`,
      rule(
        'dns-proxy-answer',
      )`-p udp -m udp --sport 15053 -m owner --uid-owner ${proxyUid} -j CT --zone 2`,
      rule(
        'dns-proxy-query',
      )`-p udp -m udp --dport 53 -m owner --gid-owner ${proxyGid} -j CT --zone 1`,
      rule(
        'dns-proxy-answer',
      )`-p udp -m udp --sport 15053 -m owner --gid-owner ${proxyGid} -j CT --zone 2`,
      rule('dns-query')`-p udp -m udp --dport 53 -j CT --zone 2`,
    ]),
  ]);
}
