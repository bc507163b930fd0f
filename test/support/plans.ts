import { decide } from '../../cni/redirect/decide.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { v1Pod } from './pod.ts';

/** The rules for a pod with these annotations, as an ADD would render them. */
export async function rulesetsFor({
  annotations = {},
  dns = false,
}: {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly dns?: boolean;
}): Promise<ReturnType<typeof rulesets>> {
  const env = dns ? { ISTIO_META_DNS_CAPTURE: 'true' } : {};
  const decision = await decide(parsePod(v1Pod({ annotations, env })));
  if (decision.action === 'skip') throw new Error(`the pod is skipped: ${decision.reason}`);
  return rulesets(decision.plan, '0.0.0-test');
}
