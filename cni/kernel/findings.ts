import { foreignRules, hasOurs } from '../rules/ours.ts';
import { type SavedTables } from '../rules/saved.ts';
import { type Rulesets } from './attempt.ts';
import { execInNetns, type Kernel } from './kernel.ts';
import { readTables } from './read.ts';
import { removeRules } from './remove.ts';
import { removeTproxyRoute } from './routes.ts';
import { type Backend, findProgram } from './tools.ts';

/** What an operator should know of a netns beside its being right. */
export interface Findings {
  readonly warnings: readonly string[];
}

interface Saved {
  readonly tables: SavedTables | undefined;
  readonly stderr: string;
}

/**
 * Foreign rules, which stay, and rules of a mesh in the other backend, which do not: an earlier try may have been made
 * there, before the agent chose anew.
 *
 * Legacy tables come into being when they are looked at, so they are read only where iptables-nft says that
 * they are there already; nft lists without a trace.
 */
export async function findings(
  kernel: Kernel,
  {
    families,
    rulesets,
  }: {
    readonly families: readonly Saved[];
    /** What is in force now. */
    readonly rulesets: Rulesets;
  },
): Promise<Findings> {
  const foreign = families.flatMap(({ tables }) => (tables ? foreignRules(tables) : []));
  const stderr = families.map((family) => family.stderr).join('\n');
  const elsewhere = await clearElsewhere(kernel, { stderr, rulesets });
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
async function clearElsewhere(
  kernel: Kernel,
  { stderr, rulesets }: { readonly stderr: string; readonly rulesets: Rulesets },
): Promise<string[]> {
  try {
    const other = await otherBackend(kernel, stderr);
    if (other === undefined) return [];
    const elsewhere = { ...kernel, tools: { ...kernel.tools, backend: other } };
    const removed = [await removeRules(elsewhere, 'ipv4'), await removeRules(elsewhere, 'ipv6')];
    for (const family of ['ipv4', 'ipv6'] as const) {
      // Those rules may have been for TPROXY.
      if (!rulesets[family].tproxyRoute) await removeTproxyRoute(kernel, family);
    }
    const rules = `${other}, of an earlier run or an old istio-init`;
    return removed.includes(true)
      ? [`rules of a mesh were also in ${rules}: they are removed`]
      : [`rules of a mesh are also in ${rules}: traffic may be redirected twice`];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`cannot keep the other backend free of rules of a mesh: ${reason}`];
  }
}

async function otherBackend(kernel: Kernel, stderr: string): Promise<Backend | undefined> {
  const { tools } = kernel;
  if (tools.backend === 'iptables-legacy') {
    const nft = findProgram('nft', tools.place);
    if (nft === undefined) return undefined;
    const { stdout } = await execInNetns(kernel, [...nft, 'list', 'ruleset'], '');
    return stdout.includes('chain ISTIO_') ? 'iptables-nft' : undefined;
  }
  if (!stderr.includes('tables-legacy tables present')) return undefined;
  const legacy = { ...kernel, tools: { ...tools, backend: 'iptables-legacy' as const } };
  const found = await Promise.all([readTables(legacy, 'ipv4'), readTables(legacy, 'ipv6')]);
  return found.some(hasOurs) ? 'iptables-legacy' : undefined;
}
