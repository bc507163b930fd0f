import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';
import { type Emission, type Names } from './emission.ts';
import { inbound, interfaces } from './inbound.ts';
import { outbound } from './outbound.ts';
import { transparent } from './transparent.ts';

/**
 * What Istio's plugin puts into one family, in the order of its emission, dead rules and all.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/tools/istio-iptables/pkg/capture/run.go
 */
export function istioTables(plan: RedirectPlan, family: Family): SavedTables {
  const tables = new Map<string, Map<string, string[]>>();
  for (const line of emissions(plan, family)) {
    const [, table = '', chain = '', position, rule = ''] =
      /^(\w+) (\w+)(?: (\d+))? (.*)$/.exec(line) ?? [];
    const chains = tables.get(table) ?? new Map<string, string[]>();
    const rules = chains.get(chain) ?? [];
    tables.set(table, chains.set(chain, rules));
    rules.splice(position === undefined ? rules.length : Number(position) - 1, 0, rule);
  }
  return [...tables].map(([name, chains]) => ({
    name,
    chains: [...chains].map(([chain, rules]) => ({ name: chain, rules })),
  }));
}

function emissions(plan: RedirectPlan, family: Family): Emission[] {
  const names: Names =
    family === 'ipv4'
      ? { lo: plan.loopbackCidr.text, pass: '127.0.0.6/32' }
      : { lo: '::1/128', pass: '::6/128' };
  return [
    ...interfaces(plan),
    ...inbound(plan, names),
    ...outbound(plan, family, names),
    ...(plan.mode === 'TPROXY' ? transparent(plan, names) : []),
  ];
}
