import { decide } from '../../cni/redirect/decide.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { type PodChanges, v1Pod } from './pod.ts';

/** The rules for a pod with these changes, as an ADD would render them. */
export async function rulesetsFor({
  dns = false,
  ...changes
}: PodChanges & { readonly dns?: boolean }): Promise<ReturnType<typeof rulesets>> {
  const env = { ...changes.env, ...(dns && { ISTIO_META_DNS_CAPTURE: 'true' }) };
  const decision = await decide(parsePod(v1Pod({ ...changes, env })));
  if (decision.action === 'skip') throw new Error(`the pod is skipped: ${decision.reason}`);
  return rulesets(decision.plan, '0.0.0-test');
}
