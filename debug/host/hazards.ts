import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { type PortRange } from '../../cni/redirect/ports.ts';
import { type Sockets } from './sockets.ts';

/** Where the sidecar answers DNS, by UDP and TCP. */
const DNS_PORT = 15053;

/** What is known of a host before anything is done to it. */
export interface Surroundings {
  /** Of more than a link's scope. */
  readonly addresses: readonly string[];
  readonly sockets: Sockets;
  /** By which whoever asks may be on this host. */
  readonly sshPorts: readonly number[];
}

export interface Wanted {
  readonly plan: RedirectPlan;
  /** The workload's. */
  readonly addresses: readonly string[];
  readonly withoutSsh: boolean;
  readonly withoutProxy: boolean;
}

/** Why these rules would lock somebody out, one sentence each; `[]`: they would not. */
export function hazards(wanted: Wanted, found: Surroundings): string[] {
  return [
    ...strangeAddresses(wanted, found),
    ...(wanted.withoutSsh ? [] : lockedOut(wanted.plan, found)),
    ...(wanted.withoutProxy ? [] : unserved(wanted.plan, found.sockets)),
  ];
}

/** Whether a connection that comes in at this port goes to the sidecar. */
export function capturesInbound(
  { inbound, tunnelPort }: Pick<RedirectPlan, 'inbound' | 'tunnelPort'>,
  port: number,
): boolean {
  if (inbound.capture === 'none' || port === tunnelPort) return false;
  return inbound.capture === 'all' ? !holds(inbound.exclude, port) : holds(inbound.ports, port);
}

function holds(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ first, last }) => first <= port && port <= last);
}

function strangeAddresses({ addresses }: Wanted, found: Surroundings): string[] {
  const strange = addresses.filter((address) => !found.addresses.includes(address));
  if (strange.length === 0) return [];
  const has = found.addresses.join(', ') || 'none';
  const are = strange.length === 1 ? 'is no address' : 'are no addresses';
  return [
    `${strange.join(', ')} ${are} of this host, which has ${has}: see whether it is the right one`,
  ];
}

function lockedOut(plan: RedirectPlan, { sshPorts }: Surroundings): string[] {
  const captured = sshPorts.filter((port) => capturesInbound(plan, port));
  if (captured.length === 0) return [];
  return [
    `inbound port ${captured.join(', ')} would go to the sidecar, and whoever comes by SSH be locked out: ` +
      'add it to --exclude-inbound-ports, or say --without-ssh',
  ];
}

/** Nobody would answer what is redirected, or its own connections would come back to the sidecar without end. */
function unserved(plan: RedirectPlan, { listeners }: Sockets): string[] {
  const { outboundPort, inboundPort, inbound, captureDns, proxyUid, mode } = plan;
  const ports = [
    outboundPort,
    ...(inbound.capture === 'none' ? [] : [inboundPort]),
    ...(captureDns ? [DNS_PORT] : []),
  ];
  return ports.flatMap((port) => {
    const there = listeners.filter((listener) => listener.port === port);
    if (there.length === 0) {
      return [
        `nobody listens on ${port}, where traffic would go: start the sidecar first, or say --without-proxy`,
      ];
    }
    // With TPROXY the sidecar is root, and told by its group, which is seen nowhere.
    const isProxy = mode === 'TPROXY' || there.some(({ uid }) => uid === proxyUid);
    if (isProxy) return [];
    const [{ uid } = { uid: 0 }] = there;
    return [
      `user ${uid} listens on ${port}, not ${proxyUid}: its own connections would come back to it; say --proxy-user ${uid}`,
    ];
  });
}
