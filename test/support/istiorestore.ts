import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { isBuiltIn } from '../../cni/rules/table.ts';
import { istioTables } from '../../debug/simulate/istio/tables.ts';

/** What Istio puts into one family, as input for `iptables-restore --noflush`. */
export function renderIstio(plan: RedirectPlan, family: Family): string {
  const lines = istioTables(plan, family).flatMap(({ name, chains }) => [
    `*${name}`,
    ...chains.filter((chain) => !isBuiltIn(chain.name)).map((chain) => `-N ${chain.name}`),
    ...chains.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name} ${rule}`)),
    'COMMIT',
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
