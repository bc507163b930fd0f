import { readFileSync } from 'node:fs';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type Routes } from '../../../cni/kernel/routes.ts';
import { type Libc } from './libc.ts';
import { attributes, dump } from './netlink.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/rtnetlink.h */
const NETLINK_ROUTE = 0;
const RTM_GETROUTE = 26;
const RTM_GETRULE = 34;
/** Of both `struct rtmsg` and `struct fib_rule_hdr`. */
const HEAD = 12;
const RTN_LOCAL = 2;
const FR_ACT_TO_TBL = 1;
const LOOPBACK = 1;
const [RTA_OIF, RTA_TABLE] = [4, 15];
const [FRA_PRIORITY, FRA_FWMARK, FRA_TABLE] = [6, 10, 15];
const FAMILY = { ipv4: 2, ipv6: 10 };

/** What `readRoutes` of the plugin reads, of the netns that this thread is in and without a process. */
export function lookAtRoutes(libc: Libc, family: Family): Routes {
  const addresses = family === 'ipv4' ? [] : parseAddresses(readAddresses());
  return {
    address: family === 'ipv4' || addresses.includes('::6'),
    rule: has(libc, { family, type: RTM_GETRULE }, isRule),
    route: has(libc, { family, type: RTM_GETROUTE }, isRoute),
    globalAddresses: addresses.filter((address) => address !== '::6'),
  };
}

/**
 * Addresses of more than a link's scope from `20010db8000000000000000000000005 02 40 00 80     eth0`.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/net/ipv6/addrconf.c
 */
export function parseAddresses(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [digits = '', , , scope] = line.split(/\s+/);
    const groups = digits.match(/.{4}/g);
    // 10 is the host's, 20 a link's; addresses like ::6 may say 80, compatible with IPv4.
    if (groups?.length !== 8 || scope === '10' || scope === '20') return [];
    return [new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)];
  });
}

function readAddresses(): string {
  try {
    return readFileSync('/proc/thread-self/net/if_inet6', 'latin1');
  } catch {
    return ''; // A kernel without IPv6.
  }
}

type Values = ReadonlyMap<number, number>;

function has(
  libc: Libc,
  { family, type }: { family: Family; type: number },
  isWanted: (head: Buffer, values: Values) => boolean,
): boolean {
  let found = false;
  const head = new Uint8Array(HEAD);
  head[0] = FAMILY[family];
  dump(libc, { protocol: NETLINK_ROUTE, type, head }, (_, body) => {
    if (found || body[0] !== FAMILY[family]) return;
    const values = [...attributes(body.subarray(HEAD))].flatMap((attribute) =>
      attribute.body.length === 4 ? [[attribute.type, attribute.body.readUInt32LE()] as const] : [],
    );
    found = isWanted(body.subarray(0, HEAD), new Map(values));
  });
  return found;
}

/** `133: from all fwmark 0x539 lookup 133` */
function isRule(head: Buffer, values: Values): boolean {
  const [, toLength, fromLength, , , , , action] = head;
  return (
    toLength === 0 &&
    fromLength === 0 &&
    action === FR_ACT_TO_TBL &&
    values.get(FRA_PRIORITY) === 133 &&
    values.get(FRA_FWMARK) === 1337 &&
    values.get(FRA_TABLE) === 133
  );
}

/** `local default dev lo table 133` */
function isRoute(head: Buffer, values: Values): boolean {
  const [, toLength, , , , , , type] = head;
  return (
    toLength === 0 &&
    type === RTN_LOCAL &&
    values.get(RTA_TABLE) === 133 &&
    values.get(RTA_OIF) === LOOPBACK
  );
}
