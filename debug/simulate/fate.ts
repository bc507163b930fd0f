import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { type Packet } from '../trace/packet.ts';
import { type Fate } from '../trace/walk.ts';

/** Whether a packet under a plan of ours fares as it does under Istio's rules. */
export function sameFate({ mode, inbound }: RedirectPlan, ours: Fate, theirs: Fate): boolean {
  if (ours.verdict !== theirs.verdict || ours.zone !== theirs.zone) return false;
  // Without inbound capture nothing reads the marks, and we set none.
  if (mode === 'TPROXY' && inbound.capture === 'none') return true;
  return ours.mark === theirs.mark && ours.connmark === theirs.connmark;
}

/** With TPROXY, Istio takes inbound connections to the tunnel's own port away from it. */
export function isTunnelOfTproxy(
  { mode, tunnelPort }: RedirectPlan,
  { hook, proto, dport }: Packet,
): boolean {
  return mode === 'TPROXY' && hook === 'PREROUTING' && proto === 'tcp' && dport === tunnelPort;
}
