import { type Asked, isLoopback } from './arguments.ts';
import { type Journey, type Routing, TPROXY_MARK } from './journey.ts';
import { type Local, type LocalRoute, takenAs } from './local.ts';

/** That a packet comes in for somebody else, in words; undefined where it does not, or nobody knows. */
export function foreignWords({ family, packet }: Asked, local: Local): string | undefined {
  const { hook, dst } = packet;
  const routes = local[family];
  if (hook !== 'PREROUTING' || !routes || takenAs(routes, { dst, family }) !== undefined)
    return undefined;
  return `${dst} is none of its addresses (${ownOf(routes).join(', ') || 'it has none'})`;
}

/** Without loopback: `10.9.0.2`, `10.99.0.0/16` */
function ownOf(routes: readonly LocalRoute[]): string[] {
  return routes
    .filter(({ type }) => type === 'local')
    .map(({ range }) => range.replace(range.includes(':') ? /\/128$/ : /\/32$/, ''))
    .filter((address) => !isLoopback(address));
}

/** The way of a packet that comes in for somebody else: what no rule takes for the pod is not delivered there. */
export function foreignJourney(
  { legs, end }: Journey,
  words: string,
  { tproxyRoute }: Routing,
): Journey {
  const [first] = legs;
  const isMarked = tproxyRoute && first?.fate.mark === TPROXY_MARK;
  if (first?.fate.verdict !== 'ACCEPT' || isMarked) return { legs, end };
  const why = `${words}: it is forwarded or dropped, which the rules for the pod do not tell`;
  return { legs: [first], end: { kind: 'unknown', why } };
}

/** The way of a packet that comes in for many: no TCP connection begins like that. */
export function sharedJourney(journey: Journey, { family, packet }: Asked, local: Local): Journey {
  const { hook, proto, dst } = packet;
  const routes = local[family];
  if (hook !== 'PREROUTING' || proto !== 'tcp' || journey.end.kind !== 'delivered' || !routes)
    return journey;
  const type = takenAs(routes, { dst, family });
  if (type === undefined || type === 'local') return journey;
  const by = `the kernel: TCP takes no connection to ${dst}, which is ${type}`;
  return { ...journey, end: { kind: 'dropped', by, isAnswered: false } };
}
