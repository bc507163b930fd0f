import { type AttachmentRecord } from '../../cni/attachment.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { skipBeforeFacts, type SkipReason } from '../../cni/redirect/skip.ts';
import { type Rulesets, rulesets } from '../../cni/rules/ruleset.ts';
import { type NetConf } from '../../cni/spec/config.ts';
import { VERSION } from '../../cni/version.ts';
import { couldNotTell } from '../command.ts';
import { type KnownPod, nameOf } from '../pods.ts';

/** What a pod's netns is to hold, and who says so. */
export type Wanted =
  | {
      readonly action: 'redirect';
      readonly rules: Rulesets;
      readonly plan: RedirectPlan;
      readonly from: 'record' | 'facts';
    }
  | { readonly action: 'skip'; readonly reason: SkipReason; readonly from: 'record' | 'facts' };

type Configured = Pick<NetConf, 'excludeNamespaces' | 'agentNamespace'>;

/**
 * As the record of the pod's ADD has it, else as an ADD would decide now.
 *
 * @throws {CommandError} `unknown`
 */
export async function wantedOf(pod: KnownPod, config: Configured): Promise<Wanted> {
  const recorded = pod.record && wantedByRecord(pod.record);
  if (recorded) return recorded;
  if (!pod.fact) {
    throw couldNotTell(
      `cannot tell what is wanted of pod "${nameOf(pod)}": its ADD did not get to a decision, \`explain\` says why`,
    );
  }
  const facts = pod.fact.pod;
  const early = skipBeforeFacts({ pod: facts, podAnnotations: facts.annotations, ...config });
  if (early !== undefined) return { action: 'skip', reason: early, from: 'facts' };
  const decision = await decided(pod, facts);
  if (decision.action === 'skip') return { ...decision, from: 'facts' };
  const { plan } = decision;
  return { action: 'redirect', plan, rules: rulesets(plan, VERSION), from: 'facts' };
}

function wantedByRecord({ decision, rules }: AttachmentRecord): Wanted | undefined {
  if (decision?.action === 'skip') return { ...decision, from: 'record' };
  if (!decision || !rules) return undefined;
  return { action: 'redirect', plan: decision.plan, rules, from: 'record' };
}

async function decided(
  pod: KnownPod,
  facts: Parameters<typeof decide>[0],
): ReturnType<typeof decide> {
  try {
    return await decide(facts);
  } catch (cause) {
    throw couldNotTell(`cannot tell what is wanted of pod "${nameOf(pod)}"`, cause);
  }
}
