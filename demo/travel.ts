import { type Callers } from '../test/support/callers.ts';
import { endpoint } from '../test/support/endpoint.ts';
import { type Netns } from '../test/support/netns.ts';
import { type Sidecar } from '../test/support/sidecar.ts';
import { dnsAnswers, type Family, type Party, type Trip, type Way } from './trips.ts';

/** Everyone who can send a request, and the one sidecar. */
export interface World {
  readonly netns: Readonly<Record<Party, Netns>>;
  readonly addresses: Readonly<Record<Party, Readonly<Record<Family, string>>>>;
  readonly sidecar: Sidecar;
  readonly callers: Callers;
}

/** What became of a request, and how we know. */
export interface Arrival {
  readonly trip: Trip;
  readonly way: Way | 'lost' | 'changed on the way';
  readonly evidence: string;
}

/** Sends the request and finds out which way it took. */
export async function travel(trip: Trip, world: World): Promise<Arrival> {
  const { netns, addresses, sidecar, callers } = world;
  const { from, uid, to, protocol, port, family } = trip;
  const address = to === 'localhost' ? loopback[family] : addresses[to][family];
  const owner = { netns: netns[from], uid, gid: uid };
  const told = await callers.ask(owner, { protocol, address, port });

  if ('failure' in told) return { trip, way: 'lost', evidence: told.failure };
  if ('answer' in told) {
    return { trip, way: nameserver(told.answer), evidence: `only it answers ${told.answer}` };
  }

  // A connection has the same two ends for both sides unless someone stands between them.
  if (told.seen === told.local) {
    return { trip, way: 'direct', evidence: `server sees ${told.seen}, its real source` };
  }
  const passage = await sidecar.passageOf(told.local);
  const target = endpoint(address, port);
  if (passage?.destination !== target) {
    return { trip, way: 'changed on the way', evidence: `${told.local} became ${told.seen}` };
  }
  return {
    trip,
    way: `sidecar, ${passage.direction}`,
    evidence: `haproxy: dst ${target}; server sees ${told.seen}`,
  };
}

const loopback = { ipv4: '127.0.0.1', ipv6: '::1' } as const;

function nameserver(answer: string): Arrival['way'] {
  if (answer === dnsAnswers.sidecar) return "sidecar's DNS";
  return answer === dnsAnswers.upstream ? 'upstream DNS' : 'changed on the way';
}
