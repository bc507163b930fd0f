import { type AttachmentRecord, type RecordedError } from '../../cni/attachment.ts';
import { type Decision, decide } from '../../cni/redirect/decide.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';
import { type Setting } from '../../cni/redirect/settings.ts';
import { skipBeforeFacts, type SkipReason } from '../../cni/redirect/skip.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { CniError, detailsOf } from '../../cni/spec/error.ts';
import { type NetConf } from '../../cni/spec/config.ts';
import { VERSION } from '../../cni/version.ts';
import { earlyWarnings } from './early.ts';
import { type Ignored, ignoredIn } from './ignored.ts';
import { type ListedRule, listRules } from './rulelist.ts';
import { type Step, stepsTo } from './steps.ts';

/** Why a pod is redirected as it is, or not at all. */
export interface Explanation {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid?: string };
  readonly verdict: Verdict;
  /** Why a pod is left alone. */
  readonly reason?: SkipReason;
  readonly mode?: string;
  readonly told: Told;
  readonly steps: readonly Step[];
  readonly settings: readonly Setting[];
  readonly ignored: readonly Ignored[];
  /** Of the ADD, and of containers that will not like it; not of settings. */
  readonly warnings: readonly string[];
  readonly rules: readonly ListedRule[];
  readonly error?: RecordedError;
}

/** What an ADD did, or what one would do: `would-` where none is recorded. */
export type Verdict =
  | 'redirected'
  | 'skipped'
  | 'failed'
  | 'unfinished'
  | 'would-redirect'
  | 'would-skip'
  | 'would-fail';

/** Who told about the pod. */
export type Told =
  | {
      readonly by: 'record';
      /** RFC 3339. */
      readonly at: string;
      readonly containerId: string;
      readonly netns: string;
      readonly backend?: string;
      readonly families: readonly string[];
      readonly factsFrom?: string;
      readonly version: string;
    }
  | { readonly by: 'agent' | 'disk' | 'manifest'; readonly at?: string };

export type Configured = Pick<NetConf, 'excludeNamespaces' | 'agentNamespace'>;

/** What a recorded ADD was made of. */
export function explainRecord(record: AttachmentRecord, config: Configured): Explanation {
  const { facts, decision, rules, outcome } = record;
  const [namespace, name] = [record.pod?.namespace ?? '', record.pod?.name ?? ''];
  const uid = record.pod?.uid ?? facts?.pod.uid;
  const settings = new Set(decision?.warnings);
  return {
    pod: { namespace, name, ...(uid !== undefined && { uid }) },
    verdict: outcome === 'pending' ? 'unfinished' : outcome,
    ...chosen(decision),
    told: toldBy(record),
    steps: facts && decision ? steps(decision, facts.pod, config) : [],
    settings: decision?.action === 'redirect' ? decision.settings : [],
    ignored: facts && decision ? ignoredIn(decision, facts.pod) : [],
    warnings: [
      ...record.warnings.filter((text) => !settings.has(text)),
      ...(facts?.notes ?? []),
      ...(facts && decision ? earlyWarnings(decision, facts.pod) : []),
    ],
    rules: rules ? listRules(rules) : [],
    ...(record.error && { error: record.error }),
  };
}

/** What an ADD would do with a pod. */
export async function explainPod(
  pod: PodFacts,
  config: Configured,
  told: Told,
): Promise<Explanation> {
  const { namespace, name, uid } = pod;
  const common = {
    pod: { namespace, name, ...(uid !== undefined && { uid }) },
    told,
    warnings: [],
  };
  const early = skipBeforeFacts({ pod, podAnnotations: pod.annotations, ...config });
  try {
    const decision: Decision =
      early === undefined ? await decide(pod) : { action: 'skip', reason: early, warnings: [] };
    return {
      ...common,
      verdict: decision.action === 'skip' ? 'would-skip' : 'would-redirect',
      ...chosen(decision),
      steps: steps(decision, pod, config),
      settings: decision.action === 'redirect' ? decision.settings : [],
      ignored: ignoredIn(decision, pod),
      warnings: earlyWarnings(decision, pod),
      rules: decision.action === 'redirect' ? listRules(rulesets(decision.plan, VERSION)) : [],
    };
  } catch (error) {
    const { code, message: msg, cause } = CniError.from(error);
    const details = cause === undefined ? '' : detailsOf(new Error(msg, { cause }));
    return {
      ...common,
      verdict: 'would-fail',
      steps: stepsTo(undefined, { pod, ...config }),
      settings: [],
      ignored: [],
      rules: [],
      error: { code, msg, details },
    };
  }
}

function chosen(decision: Decision | undefined): Pick<Explanation, 'reason' | 'mode'> {
  if (!decision) return {};
  return decision.action === 'skip' ? { reason: decision.reason } : { mode: decision.plan.mode };
}

function steps(decision: Decision, pod: PodFacts, config: Configured): Step[] {
  return stepsTo(decision.action === 'skip' ? decision.reason : undefined, { pod, ...config });
}

function toldBy(record: AttachmentRecord): Told {
  const { startedAt, containerId, netns, backend, families, facts, versions } = record;
  return {
    by: 'record',
    at: startedAt,
    containerId,
    netns: netns.path,
    ...(backend !== undefined && { backend }),
    families,
    ...(facts && { factsFrom: facts.source }),
    version: versions.sluice,
  };
}
