import { type Policies } from './walk.ts';

/** Reads what `iptables-save` says of built-in chains: `:OUTPUT DROP [0:0]`. */
export function parsePolicies(saved: string): Policies {
  const policies = new Map<string, 'DROP'>();
  let table = '';
  for (const [, name, chain, policy] of saved.matchAll(/^(?:\*(\w+)|:(\S+) (\S+))/gm)) {
    table = name ?? table;
    if (chain !== undefined && policy === 'DROP') policies.set(`${table} ${chain}`, policy);
  }
  return policies;
}
