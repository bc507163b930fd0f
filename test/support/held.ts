import { type Backend } from '../../cni/kernel/tools.ts';
import { type Netns } from './netns.ts';
import { saved } from './scratch.ts';

/** The rules of both families, in the order in which packets meet them, whichever table came into being first. */
export async function heldRules(netns: Netns, backend: Backend): Promise<string[]> {
  const tables = (await saved(netns, backend)).split('COMMIT').sort();
  return tables.flatMap((table) => table.split('\n').filter((line) => line.startsWith('-A')));
}
