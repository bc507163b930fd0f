import { type Hook, type Packet } from './packet.ts';
import { type Fate, type Step, type Walker } from './walk.ts';

/** One hook that the packet passes, with every rule that it comes by. */
export interface Leg {
  readonly hook: Hook;
  readonly device: string;
  readonly steps: readonly Step[];
  readonly fate: Fate;
}

export type End =
  | { readonly kind: 'redirected'; readonly port: number; readonly by: string }
  /** To whoever listens on that port of the pod. */
  | { readonly kind: 'delivered'; readonly port: number }
  | { readonly kind: 'leaves'; readonly device: string }
  | { readonly kind: 'dropped'; readonly by: string; readonly isAnswered: boolean }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Journey {
  readonly legs: readonly Leg[];
  readonly end: End;
}

export interface Routing {
  /** Whether packets that bear mark 1337 are delivered locally, as TPROXY needs it. */
  readonly tproxyRoute: boolean;
}

export const TPROXY_MARK = 0x539;

/** Sends a packet on its whole way through a netns: out, in, or, by `lo`, out and in again. */
export function travel({ walk }: Walker, packet: Packet, { tproxyRoute }: Routing): Journey {
  const legs: Leg[] = [];
  const pass = (at: Packet): Fate => {
    const steps: Step[] = [];
    const marks = legs.at(-1)?.fate;
    const visit = (step: Step): void => void steps.push(step);
    const fate = walk(at, marks ? { visit, marks } : { visit });
    legs.push({ hook: at.hook, device: at.device, steps, fate });
    return fate;
  };

  let arriving = packet;
  if (packet.hook === 'OUTPUT') {
    const sent = pass(packet);
    if (isOver(sent)) return { legs, end: ending(legs) };
    const isRerouted = tproxyRoute && sent.mark === TPROXY_MARK && packet.mark !== TPROXY_MARK;
    const device = isRerouted || sent.packet !== packet ? 'lo' : packet.device;
    const posted = pass({ ...sent.packet, hook: 'POSTROUTING', device });
    if (isOver(posted) || device !== 'lo') return { legs, end: ending(legs) };
    const { looped, owner } = { looped: true, owner: undefined };
    arriving = { ...posted.packet, hook: 'PREROUTING', device, owner, looped };
  }
  const received = pass(arriving);
  if (!isOver(received)) pass({ ...received.packet, hook: 'INPUT' });
  return { legs, end: ending(legs) };
}

function isOver({ verdict }: Fate): boolean {
  return verdict === 'DROP' || verdict === 'REJECT' || verdict === 'unknown';
}

function ending(legs: readonly Leg[]): End {
  const last = legs.at(-1);
  const { verdict, by = '' } = last?.fate ?? { verdict: 'unknown' };
  if (verdict === 'unknown')
    return { kind: 'unknown', why: `it is not understood what this rule does: ${by}` };
  if (verdict === 'DROP' || verdict === 'REJECT') {
    return { kind: 'dropped', by, isAnswered: verdict === 'REJECT' };
  }
  if (last?.hook === 'POSTROUTING') return { kind: 'leaves', device: last.device };
  const taken = taking(legs, 'TPROXY') ?? taking(legs, 'REDIRECT');
  if (taken) return { kind: 'redirected', ...taken };
  return { kind: 'delivered', port: last?.fate.packet.dport ?? 0 };
}

function taking(
  legs: readonly Leg[],
  target: 'TPROXY' | 'REDIRECT',
): { readonly port: number; readonly by: string } | undefined {
  const fate = legs.map((leg) => leg.fate).findLast(({ verdict }) => verdict.startsWith(target));
  return fate && { port: Number(fate.verdict.split(' ')[1]), by: fate.by ?? '' };
}
