import { type Backend } from '../../cni/kernel/tools.ts';
import { type Netns } from './netns.ts';
import { inNetns, saved } from './scratch.ts';

/** The rules of both families, in the order in which packets meet them, whichever table came into being first. */
export async function heldRules(netns: Netns, backend: Backend): Promise<string[]> {
  const tables = (await saved(netns, backend)).split('COMMIT').sort();
  return tables.flatMap((table) => table.split('\n').filter((line) => line.startsWith('-A')));
}

/** What iptables-nft holds, in iptables-legacy as well: as two meshes leave it that know nothing of each other. */
export async function doubleRules(netns: Netns): Promise<void> {
  const copy = 'for each in ip ip6; do "$each"tables-nft-save | "$each"tables-legacy-restore; done';
  await inNetns(netns, ['sh', '-ec', copy]);
}
