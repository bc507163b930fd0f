import { type Family } from '../redirect/cidrs.ts';
import { parseSaved, type SavedTables } from '../rules/saved.ts';
import { iptables } from './iptables.ts';
import { type Kernel } from './kernel.ts';

/** What the chosen backend holds in one family. @throws {ExecError} */
export async function readTables(kernel: Kernel, family: Family): Promise<SavedTables> {
  return (await readSaved(kernel, family)).tables;
}

/** With what the program said beside it. @throws {ExecError} */
export async function readSaved(
  kernel: Kernel,
  family: Family,
): Promise<{ readonly tables: SavedTables; readonly stderr: string }> {
  const { stdout, stderr } = await iptables(kernel, { family, verb: 'save', args: [], input: '' });
  return { tables: parseSaved(stdout), stderr };
}
