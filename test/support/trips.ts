import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Callers, type Owner } from './callers.ts';
import { endpoint } from './endpoint.ts';
import { type Mesh, passthrough, targets } from './mesh.ts';
import { type Sidecar } from './sidecar.ts';
import { type Talk } from './traffic.ts';

/** Who sends requests. The sidecar is told by its user and by its group, so both also come alone. */
export const senders = {
  app: { in: 'pod', uid: 1000, gid: 1000 },
  root: { in: 'pod', uid: 0, gid: 0 },
  proxy: { in: 'pod', uid: 1337, gid: 1337 },
  "proxy's user": { in: 'pod', uid: 1337, gid: 1000 },
  "proxy's group": { in: 'pod', uid: 1000, gid: 1337 },
  'other proxy': { in: 'pod', uid: 1500, gid: 1501 },
  'group 2001': { in: 'pod', uid: 1000, gid: 2001 },
  'group 2002': { in: 'pod', uid: 1000, gid: 2002 },
  peer: { in: 'peer', uid: 1000, gid: 1000 },
  vm: { in: 'vm', uid: 1000, gid: 1000 },
} as const satisfies Record<string, { in: keyof Mesh; uid: number; gid: number }>;

/**
 * A request, e.g. `app -> peer:8080`; `@40000` fixes the port and `@passthrough` the address that it
 * comes from. It is HTTP; `/udp` and `/tcp` make it a DNS query.
 */
export type Trip =
  `${keyof typeof senders}${'' | '@passthrough' | `@${number}`} -> ${keyof typeof targets}:${number}${'' | '/udp' | '/tcp'}`;

/**
 * What becomes of it. `outbound`, `inbound`: through that listener of the sidecar, which knew where it
 * wanted to go; `dns`: answered by the sidecar's DNS; `direct`: as if there were no sidecar.
 */
export type Way = 'outbound' | 'inbound' | 'outbound, inbound' | 'dns' | 'direct';

/** Where trips take place. */
export interface Ground {
  readonly mesh: Mesh;
  readonly callers: Callers;
  readonly sidecar: Sidecar;
}

/** Two nameservers with different answers tell which of them was asked. */
export const dnsAnswers = { upstream: '192.0.2.1', sidecar: '192.0.2.2' } as const;

/** Below the ports that the kernel chooses: each connection has one of its own, also after it has ended. */
let lastPort = 20_000;

/** Sends a request and finds out which way it took; a way that nobody expects is told in words. */
export async function travel(trip: Trip, family: Family, ground: Ground): Promise<string> {
  const { owner, question, target } = parseTrip(trip, family, ground.mesh);
  return wayOf(await ground.callers.ask(owner, question), target, ground.sidecar);
}

function parseTrip(
  trip: Trip,
  family: Family,
  mesh: Mesh,
): { owner: Owner; question: Parameters<Callers['ask']>[1]; target: string } {
  const [, name = '', from = '', to = '', port = '', protocol = 'http'] =
    /^(.+?)(?:@(.+))? -> (.+):(\d+)\/?(.+)?$/.exec(trip) ?? [];
  const sender = senders[name as keyof typeof senders];
  const address = targets[to as keyof typeof targets][family];
  return {
    owner: { ...sender, netns: mesh[sender.in] },
    question: {
      protocol: protocol as 'http' | 'udp' | 'tcp',
      address,
      port: Number(port),
      from:
        from === 'passthrough'
          ? { address: passthrough[family], port: ++lastPort }
          : { port: Number(from) || ++lastPort },
    },
    target: endpoint(address, port),
  };
}

async function wayOf(talk: Talk, target: string, sidecar: Sidecar): Promise<string> {
  if ('failure' in talk) return `lost: ${talk.failure}`;
  if ('answer' in talk) return talk.answer === dnsAnswers.sidecar ? 'dns' : 'direct';
  const { local, seen } = talk;
  // A connection has the same two ends for both sides unless someone stands between them.
  if (seen === local) return 'direct';
  const passage = await sidecar.passageOf(local);
  if (passage?.destination !== target) {
    return `${local} is ${seen} for the server; sidecar: ${JSON.stringify(passage)}`;
  }
  const passed = seen.startsWith('127.0.0.6:') || seen.startsWith('[::6]:');
  if (passage.direction === 'outbound') return passed ? 'outbound, inbound' : 'outbound';
  return passed ? 'inbound' : `inbound, but the app sees ${seen}`;
}
