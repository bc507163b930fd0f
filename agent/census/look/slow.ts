import { type Kernel } from '../../../cni/kernel/kernel.ts';
import { type Netns } from '../../../cni/kernel/netns.ts';
import { readSaved } from '../../../cni/kernel/read.ts';
import { readRoutes } from '../../../cni/kernel/routes.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type Eyes } from './look.ts';
import { type Holdings, kernelFor, type ReadOptions } from './read.ts';

/**
 * Looks into netns by programs alone, some six for each look, where nothing else can be had.
 *
 * Only iptables-nft lists without a trace; it says itself where there are legacy tables.
 */
export function openSlowEyes(options: ReadOptions): Eyes {
  return { look: (netns) => lookSlowly(netns, options), forget: () => undefined };
}

async function lookSlowly(netns: Netns, options: ReadOptions): Promise<Holdings> {
  const kernel = (backend: Backend): Kernel => kernelFor(netns, backend, options);
  const nft = kernel('iptables-nft');
  const routes = (family: Family): ReturnType<typeof readRoutes> =>
    readRoutes(nft, { family, tproxyRoute: true });
  const [nft4, nft6, routes4, routes6] = await Promise.all([
    readSaved(nft, 'ipv4'),
    readSaved(nft, 'ipv6'),
    routes('ipv4'),
    routes('ipv6'),
  ]);
  const legacy = async (family: Family, { stderr }: typeof nft4): Promise<typeof nft4.tables> =>
    stderr.includes('tables-legacy tables present')
      ? (await readSaved(kernel('iptables-legacy'), family)).tables
      : [];
  const [legacy4, legacy6] = await Promise.all([legacy('ipv4', nft4), legacy('ipv6', nft6)]);
  return {
    rules: {
      'iptables-nft': { ipv4: nft4.tables, ipv6: nft6.tables },
      'iptables-legacy': { ipv4: legacy4, ipv6: legacy6 },
    },
    routes: { ipv4: routes4, ipv6: routes6 },
  };
}
