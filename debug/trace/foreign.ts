import { BlockList } from 'node:net';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Journey, type Routing, TPROXY_MARK } from './journey.ts';
import { type Packet } from './packet.ts';

/** What a netns takes in whatever addresses it has: loopback, the link's own, multicast. */
const ANYBODYS: readonly (readonly [net: string, prefix: number, family: Family])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 124, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

/** That a packet comes in for somebody else, in words; undefined where it does not. */
export function foreignWords(
  { hook, dst }: Packet,
  { family, addresses }: { family: Family; addresses: readonly string[] },
): string | undefined {
  const own = new BlockList();
  for (const [net, prefix, of] of ANYBODYS) own.addSubnet(net, prefix, of);
  for (const address of addresses) own.addAddress(address, family);
  if (hook !== 'PREROUTING' || own.check(dst, family)) return undefined;
  return `${dst} is none of its addresses (${addresses.join(', ') || 'it has none'})`;
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
