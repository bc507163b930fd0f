import { type Family } from '../redirect/cidrs.ts';
import { hasOurs } from '../rules/ours.ts';
import { type Rulesets } from './attempt.ts';
import { execInNetns, type Kernel } from './kernel.ts';
import { readTables } from './read.ts';
import { removeRules } from './remove.ts';
import { removeTproxyRoute } from './routes.ts';
import { type Backend, findProgram } from './tools.ts';

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * Takes rules of a mesh out of the other backend, where an earlier try may have put them before the agent chose anew.
 * Never rejects: our rules are in force and read back by now, and a kernel may know one backend only.
 *
 * @param stderr what the programs of the chosen backend said when they listed its rules
 * @returns what an operator should know of it
 */
export async function clearElsewhere(
  kernel: Kernel,
  { stderr, rulesets }: { readonly stderr: string; readonly rulesets: Rulesets },
): Promise<string[]> {
  try {
    const other = await otherBackend(kernel, stderr);
    if (other === undefined) return [];
    const elsewhere = { ...kernel, tools: { ...kernel.tools, backend: other } };
    let isRemoved = false;
    for (const family of FAMILIES) {
      isRemoved = (await removeRules(elsewhere, family)) || isRemoved;
      // Those rules may have been for TPROXY.
      if (!rulesets[family].tproxyRoute) await removeTproxyRoute(kernel, family);
    }
    const rules = `${other}, of an earlier run or an old istio-init`;
    return isRemoved
      ? [`rules of a mesh were also in ${rules}: they are removed`]
      : [`rules of a mesh are also in ${rules}: traffic may be redirected twice`];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`cannot keep the other backend free of rules of a mesh: ${reason}`];
  }
}

/**
 * Legacy tables come into being when they are looked at, so they are read only where iptables-nft says that
 * they are there already; nft lists without a trace.
 */
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
