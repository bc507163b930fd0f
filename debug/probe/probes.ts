import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { type Addresses } from '../trace/arguments.ts';
import { createContains } from '../trace/contains.ts';
import { travel } from '../trace/journey.ts';
import { type Packet } from '../trace/packet.ts';
import { tablesOf } from '../trace/tables.ts';
import { createWalker } from '../trace/walk.ts';

/** What can be proven of a redirection, one packet each. */
export const AIMS = ['outbound', 'own-service', 'dns-tcp', 'dns-udp', 'inbound'] as const;
export type Aim = (typeof AIMS)[number];

/** A packet that the wanted rules redirect, if they are there. */
export interface Probe {
  readonly aim: Aim;
  readonly family: Family;
  readonly packet: Packet;
  /** The listener to which it goes. */
  readonly port: number;
}

export interface Sender {
  readonly uid: number;
  readonly gid: number;
}

const DNS_PORT = 15_053;
/** Nobody listens there, and nobody lives there. */
const UNUSED = [15_002, 15_003, 45_002];
const NOBODY = { ipv4: ['198.51.100.1'], ipv6: ['2001:db8:ffff::1'] } as const;
const PASSTHROUGH = { ipv4: '127.0.0.6', ipv6: '::6' } as const;

/**
 * The packets that prove as much as a sender can: for each aim and family the first that the plan's own rules, walked
 * through, redirect to where it belongs. An aim without a probe cannot be proven by this sender, or is not wanted.
 */
export function probesFor(plan: RedirectPlan, sender: Sender, addresses: Addresses): Probe[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const ruleset = rulesets(plan, '')[family];
    const walker = createWalker(tablesOf(ruleset), createContains(family));
    const redirects = ({ packet, port }: Probe): boolean => {
      const { end } = travel(walker, packet, ruleset);
      return end.kind === 'redirected' && end.port === port;
    };
    return AIMS.flatMap(
      (aim) => candidates(aim, { plan, sender, family, addresses }).find(redirects) ?? [],
    );
  });
}

/** Somebody whose traffic is the sidecar's business. */
export function appOf({ proxyUid, proxyGid, ownerGroups }: RedirectPlan): Sender {
  const [group = proxyGid === 1000 ? 1001 : 1000] =
    ownerGroups.redirect === 'only' ? ownerGroups.groups : [];
  return { uid: proxyUid === 1000 ? 1001 : 1000, gid: group };
}

interface Surroundings {
  readonly plan: RedirectPlan;
  readonly sender: Sender;
  readonly family: Family;
  readonly addresses: Addresses;
}

function candidates(aim: Aim, around: Surroundings): Probe[] {
  const { plan, family, addresses } = around;
  const own = addresses[family];
  switch (aim) {
    case 'outbound':
      return probes(aim, around, {
        to: remotes(around),
        ports: portsOf(plan),
        port: plan.outboundPort,
      });
    case 'own-service':
      return probes(aim, around, {
        to: [...own, PASSTHROUGH[family]],
        ports: UNUSED,
        port: plan.inboundPort,
      });
    case 'dns-tcp':
    case 'dns-udp':
      if (!plan.captureDns) return [];
      return probes(aim, around, { to: remotes(around), ports: [53], port: DNS_PORT });
    case 'inbound': {
      if (plan.inbound.capture === 'none') return [];
      const ports =
        plan.inbound.capture === 'ports' ? plan.inbound.ports.map(({ first }) => first) : UNUSED;
      const found = probes(aim, around, { to: own, ports, port: plan.inboundPort });
      return found.map((probe) => ({ ...probe, packet: arriving(probe.packet, family) }));
    }
  }
}

function remotes({ plan, family }: Surroundings): string[] {
  const { includeOutboundCidrs } = plan;
  const included = includeOutboundCidrs === 'all' ? [] : includeOutboundCidrs;
  return [
    ...NOBODY[family],
    ...included
      .filter((cidr) => cidr.family === family)
      .map(({ text }) => text.replace(/\/.*/, '')),
  ];
}

function portsOf({ includeOutboundPorts }: RedirectPlan): number[] {
  const included = includeOutboundPorts === 'all' ? [] : includeOutboundPorts;
  return [...UNUSED, ...included.map(({ first }) => first)];
}

function probes(
  aim: Aim,
  { family, sender, addresses }: Surroundings,
  { to, ports, port }: { to: readonly string[]; ports: readonly number[]; port: number },
): Probe[] {
  const own = [...addresses[family], PASSTHROUGH[family]];
  return to.flatMap((dst) =>
    ports.map((dport): Probe => {
      const isLocal = own.includes(dst);
      // The kernel answers an address of its own from the same, but 127.0.0.6 from 127.0.0.1.
      const src = isLocal ? (dst === '127.0.0.6' ? '127.0.0.1' : dst) : (own[0] ?? dst);
      const packet: Packet = {
        hook: 'OUTPUT',
        device: isLocal ? 'lo' : 'eth0',
        proto: aim === 'dns-udp' ? 'udp' : 'tcp',
        src,
        dst,
        sport: 0,
        dport,
        owner: sender,
        mark: 0,
        connmark: 0,
        ctstate: 'NEW',
      };
      return { aim, family, packet, port };
    }),
  );
}

function arriving(packet: Packet, family: Family): Packet {
  return {
    ...packet,
    hook: 'PREROUTING',
    device: 'eth0',
    owner: undefined,
    src: NOBODY[family][0],
  };
}
