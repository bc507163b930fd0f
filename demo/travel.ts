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
  /** Where the sidecar says that the connection wanted to go; undefined if it tells nothing of it. */
  readonly target?: string | undefined;
  /** What the server told: the source of the connection, or a nameserver's answer. Or why it did not. */
  readonly told: string;
}

/** Sends the request and finds out which way it took. */
export async function travel(trip: Trip, world: World): Promise<Arrival> {
  const { netns, addresses, sidecar, callers } = world;
  const { from, uid, to, protocol, port, family } = trip;
  const address = to === 'localhost' ? loopback[family] : addresses[to][family];
  const owner = { netns: netns[from], uid, gid: uid };
  const told = await callers.ask(owner, { protocol, address, port });

  if ('failure' in told) return { trip, way: 'lost', told: told.failure };
  if ('answer' in told) return { trip, way: nameserver(told.answer), told: told.answer };

  // A connection has the same two ends for both sides unless someone stands between them.
  if (told.seen === told.local) return { trip, way: 'direct', told: told.seen };
  const passage = await sidecar.passageOf(told.local);
  if (passage?.destination === endpoint(address, port)) {
    const { direction, destination } = passage;
    return { trip, way: `sidecar, ${direction}`, target: destination, told: told.seen };
  }
  const changed = `${told.seen}, was ${told.local}`;
  return { trip, way: 'changed on the way', target: passage?.destination, told: changed };
}

const loopback = { ipv4: '127.0.0.1', ipv6: '::1' } as const;

function nameserver(answer: string): Arrival['way'] {
  if (answer === dnsAnswers.sidecar) return "sidecar's DNS";
  return answer === dnsAnswers.upstream ? 'upstream DNS' : 'changed on the way';
}
