import { createHash } from 'node:crypto';
import { type Routes } from '../../../cni/kernel/routes.ts';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { inside, type Visit } from './inside.ts';
import { hashLegacy } from './legacy.ts';
import { type Libc } from './libc.ts';
import { hashNftables } from './nftables.ts';
import { lookAtRoutes } from './routes.ts';

/** What can be seen of a netns without starting a program in it. */
export interface Glance {
  /** Two netns of the same digest hold the same rules, in the same order. */
  readonly digest: string;
  /** Another one: rules were changed since, perhaps back again. Legacy tables have none. */
  readonly generation: number | undefined;
  /** How much there is of them. */
  readonly bytes: number;
  /** Whether there are rules, or chains for them. */
  readonly nftables: boolean;
  readonly legacy: Readonly<Record<Family, boolean>>;
  readonly routes: Readonly<Record<Family, Routes>>;
}

/**
 * Takes less than a millisecond, and changes nothing: not even legacy tables come into being.
 *
 * @throws {Error} when the netns cannot be entered, or the kernel does not tell
 */
export function glance(libc: Libc, visit: Visit): Glance {
  return inside(libc, visit, () => {
    const hash = createHash('sha256');
    const { bytes, generation } = hashNftables(libc, hash);
    const ipv4 = hashLegacy(libc, hash.update('\nlegacy ipv4\n'), 'ipv4');
    const ipv6 = hashLegacy(libc, hash.update('\nlegacy ipv6\n'), 'ipv6');
    const routes = { ipv4: lookAtRoutes(libc, 'ipv4'), ipv6: lookAtRoutes(libc, 'ipv6') };
    return {
      digest: hash.digest('base64'),
      generation,
      bytes: bytes + ipv4 + ipv6,
      nftables: bytes > 0,
      legacy: { ipv4: ipv4 > 0, ipv6: ipv6 > 0 },
      routes,
    };
  });
}
