import { type SavedTables } from '../../../cni/rules/saved.ts';
import { type Kernel } from '../../../cni/kernel/kernel.ts';
import { asksNameService } from '../../../cni/kernel/nameservice.ts';
import { type Netns } from '../../../cni/kernel/netns.ts';
import { readTables } from '../../../cni/kernel/read.ts';
import { type Routes } from '../../../cni/kernel/routes.ts';
import { type Backend, findTools } from '../../../cni/kernel/tools.ts';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type Glance } from './glance.ts';

/** What a netns holds, in both backends and families. */
export interface Holdings {
  readonly rules: Readonly<Record<Backend, Readonly<Record<Family, SavedTables>>>>;
  readonly routes: Readonly<Record<Family, Routes>>;
}

export interface ReadOptions {
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  readonly timeoutMs?: number;
}

/** Lists the rules that are there at a glance: one process for each backend and family, none where there is nothing. */
export async function readRules(
  netns: Netns,
  { nftables, legacy }: Pick<Glance, 'nftables' | 'legacy'>,
  options: ReadOptions,
): Promise<Holdings['rules']> {
  const read = (backend: Backend, family: Family): Promise<SavedTables> =>
    readTables(kernelFor(netns, backend, options), family);
  const [nft4, nft6, legacy4, legacy6] = await Promise.all([
    nftables ? read('iptables-nft', 'ipv4') : [],
    nftables ? read('iptables-nft', 'ipv6') : [],
    legacy.ipv4 ? read('iptables-legacy', 'ipv4') : [],
    legacy.ipv6 ? read('iptables-legacy', 'ipv6') : [],
  ]);
  return {
    'iptables-nft': { ipv4: nft4, ipv6: nft6 },
    'iptables-legacy': { ipv4: legacy4, ipv6: legacy6 },
  };
}

/** @throws {CniError} `noBackend` */
export function kernelFor(
  netns: Netns,
  backend: Backend,
  { toolsDir, timeoutMs = 10_000 }: ReadOptions,
): Kernel {
  return {
    netns,
    tools: findTools(backend, toolsDir),
    hideNameService: asksNameService(),
    userNamespace: undefined,
    deadlineAt: performance.now() + timeoutMs,
  };
}
