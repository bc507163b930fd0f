import { isIP } from 'node:net';
import { ip, type Kernel } from '../../cni/kernel/kernel.ts';
import { asksNameService } from '../../cni/kernel/nameservice.ts';
import { type Netns } from '../../cni/kernel/netns.ts';
import { toolboxBeside } from '../../cni/kernel/place.ts';
import { findTools } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { VERSION } from '../../cni/version.ts';
import { PLUGIN } from '../../install/entry.ts';
import { type Place } from '../command.ts';
import { createContains } from './contains.ts';

/** A route of the kernel's table `local`. */
export interface LocalRoute {
  /** `10.9.0.2/32` */
  readonly range: string;
  /** `local`, `broadcast`, `unreachable` */
  readonly type: string;
}

/** What the kernel delivers in a netns, the most specific first; undefined where it could not be read. */
export type Local = Readonly<Record<Family, readonly LocalRoute[] | undefined>>;

const TIMEOUT_MS = 5_000;
const HERE = ['local', 'broadcast', 'multicast', 'anycast'];
/** What IPv4 takes in without a route. */
const UNROUTED: Readonly<Record<Family, readonly LocalRoute[]>> = {
  ipv4: [
    { range: '255.255.255.255/32', type: 'broadcast' },
    { range: '224.0.0.0/4', type: 'multicast' },
  ],
  ipv6: [],
};

/** @throws {CniError} where there is no `ip` */
export async function readLocal(
  netns: Netns,
  { binDir, toolsDir }: Pick<Place, 'binDir' | 'toolsDir'>,
): Promise<Local> {
  const kernel: Kernel = {
    netns,
    tools: findTools('auto', toolsDir ?? toolboxBeside(`${binDir}/${PLUGIN}`, VERSION)),
    hideNameService: asksNameService(),
    userNamespace: undefined,
    deadlineAt: performance.now() + TIMEOUT_MS,
  };
  const [ipv4, ipv6] = await Promise.all([list(kernel, 'ipv4'), list(kernel, 'ipv6')]);
  return { ipv4, ipv6 };
}

function list(kernel: Kernel, family: Family): Promise<LocalRoute[] | undefined> {
  return ip(kernel, family, 'route show table local\n').then(
    ({ stdout }) => parseLocal(stdout, family),
    () => undefined,
  );
}

/** Reads what `ip route show table local` prints: a route without a type leads to somebody else. */
export function parseLocal(text: string, family: Family): LocalRoute[] {
  const [any, longest] = family === 'ipv4' ? ['0.0.0.0', 32] : ['::', 128];
  return [...text.matchAll(/^(?:([a-z]+) )?(default|[\da-f.:]+)(?:\/(\d+))?(?= |$)/gm)]
    .map(([, type = 'unicast', to = '', length]) =>
      to === 'default'
        ? { type, address: any, length: 0 }
        : { type, address: to, length: Number(length ?? longest) },
    )
    .filter(({ address }) => isIP(address) === (family === 'ipv4' ? 4 : 6))
    .sort((one, other) => other.length - one.length)
    .map(({ type, address, length }) => ({ type, range: `${address}/${length}` }));
}

/** As what the kernel takes in a packet to this address: `local`, `broadcast`; undefined where it does not. */
export function takenAs(
  routes: readonly LocalRoute[],
  { dst, family }: { readonly dst: string; readonly family: Family },
): string | undefined {
  const contains = createContains(family);
  const route = [...UNROUTED[family], ...routes].find(({ range }) => contains(range, dst));
  return route && HERE.includes(route.type) ? route.type : undefined;
}
