import { type Family } from '../redirect/cidrs.ts';
import { foreignRules, hasOurs } from '../rules/ours.ts';
import { parseSaved, type SavedTables } from '../rules/saved.ts';
import { findProgram } from './tools.ts';
import { iptables } from './iptables.ts';
import { execInNetns, type Kernel } from './kernel.ts';

/** What an operator should know of a netns beside its being right. */
export interface Findings {
  readonly warnings: readonly string[];
}

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

/**
 * Foreign rules, and rules of a mesh in the other backend.
 *
 * Legacy tables come into being when they are looked at, so they are read only where iptables-nft says that
 * they are there already; nft lists without a trace.
 */
export async function findings(
  kernel: Kernel,
  families: readonly { readonly tables: SavedTables | undefined; readonly stderr: string }[],
): Promise<Findings> {
  const foreign = families.flatMap(({ tables }) => (tables ? foreignRules(tables) : []));
  const elsewhere = await lookElsewhere(kernel, families.map(({ stderr }) => stderr).join('\n'));
  return {
    warnings: [
      ...foreign.map(
        ({ table, chain, text }) => `a rule of somebody else stays in ${table} ${chain}: ${text}`,
      ),
      ...elsewhere,
    ],
  };
}

/** Never rejects: our rules are in force and read back by now, and a kernel may know one backend only. */
async function lookElsewhere(kernel: Kernel, stderr: string): Promise<string[]> {
  try {
    return (await otherBackend(kernel, stderr)).map(
      (name) =>
        `rules of a mesh are also in ${name}, of an earlier run or an old istio-init: traffic may be redirected twice`,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`cannot look for rules of a mesh in the other backend: ${reason}`];
  }
}

async function otherBackend(kernel: Kernel, stderr: string): Promise<string[]> {
  const { tools } = kernel;
  if (tools.backend === 'iptables-legacy') {
    const nft = findProgram('nft', tools.place);
    if (nft === undefined) return [];
    const { stdout } = await execInNetns(kernel, [...nft, 'list', 'ruleset'], '');
    return stdout.includes('chain ISTIO_') ? ['iptables-nft'] : [];
  }
  if (!stderr.includes('tables-legacy tables present')) return [];
  const legacy = { ...kernel, tools: { ...tools, backend: 'iptables-legacy' as const } };
  const found = await Promise.all([readTables(legacy, 'ipv4'), readTables(legacy, 'ipv6')]);
  return found.some(hasOurs) ? ['iptables-legacy'] : [];
}
