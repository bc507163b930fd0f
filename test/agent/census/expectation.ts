import { type Expected } from '../../../agent/census/finding.ts';
import { type Holdings } from '../../../agent/census/look/read.ts';
import { type Routes } from '../../../cni/kernel/routes.ts';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { decide } from '../../../cni/redirect/decide.ts';
import { parsePod } from '../../../cni/redirect/pod.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';
import { type PodChanges, v1Pod } from '../../support/pod.ts';

export type Redirect = Extract<Expected, { action: 'redirect' }>;

/** What is expected of a pod that is to be redirected, and has no record. */
export async function expectation(changes: PodChanges = {}): Promise<Redirect> {
  const decision = await decide(parsePod(v1Pod(changes)));
  if (decision.action === 'skip') throw new Error(`the pod is skipped: ${decision.reason}`);
  const rules = rulesets(decision.plan, '0.0.0-test');
  return { action: 'redirect', decision, rules, added: undefined };
}

type Rules = Readonly<Record<Family, SavedTables>>;

/** What a netns holds: by default the sidecar's address, and nothing else. */
export function holding(
  nft: Rules = { ipv4: [], ipv6: [] },
  {
    legacy = { ipv4: [], ipv6: [] },
    addresses = [],
    passthrough = true,
    tproxy = false,
  }: {
    readonly legacy?: Rules;
    readonly addresses?: readonly string[];
    readonly passthrough?: boolean;
    readonly tproxy?: boolean;
  } = {},
): Holdings {
  const routes: Routes = { address: true, rule: tproxy, route: tproxy, globalAddresses: [] };
  return {
    rules: { 'iptables-nft': nft, 'iptables-legacy': legacy },
    routes: {
      ipv4: routes,
      ipv6: { ...routes, address: passthrough, globalAddresses: addresses },
    },
  };
}
