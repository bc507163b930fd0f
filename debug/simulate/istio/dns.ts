import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type Emission } from './emission.ts';

export function dnsRedirects(): Emission[] {
  return [
    'nat ISTIO_OUTPUT -j ISTIO_OUTPUT_DNS',
    'nat ISTIO_OUTPUT_DNS -p tcp --dport 53 -j REDIRECT --to-ports 15053',
    'nat ISTIO_OUTPUT_DNS -p udp --dport 53 -j REDIRECT --to-port 15053',
  ];
}

export function dnsZones({ proxyUid, proxyGid }: RedirectPlan): Emission[] {
  const of = (owner: string): Emission[] => [
    `raw ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner ${owner} -j CT --zone 1`,
    `raw ISTIO_OUTPUT_DNS -p udp --sport 15053 -m owner ${owner} -j CT --zone 2`,
  ];
  return [
    'raw OUTPUT -j ISTIO_OUTPUT_DNS',
    ...of(`--uid-owner ${proxyUid}`),
    ...of(`--gid-owner ${proxyGid}`),
    'raw PREROUTING -j ISTIO_INBOUND',
    'raw ISTIO_OUTPUT_DNS -p udp --dport 53 -j CT --zone 2',
    'raw ISTIO_INBOUND -p udp --sport 53 -j CT --zone 1',
  ];
}
