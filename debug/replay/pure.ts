import { type AttachmentRecord, type RecordedFacts } from '../../cni/attachment.ts';
import { decide, type Decision } from '../../cni/redirect/decide.ts';
import { compare, renderDifference } from '../../cni/rules/compare.ts';
import { ruleText, type Ruleset } from '../../cni/rules/rule.ts';
import { type Rulesets, rulesets } from '../../cni/rules/ruleset.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { CniError, detailsOf } from '../../cni/spec/error.ts';

/** One part of a call, then and now. */
export interface Step {
  readonly name: 'decision' | 'rules' | 'kernel' | 'outcome';
  readonly was: string;
  readonly now: string;
  readonly same: boolean;
}

/** What this version makes of the same facts. */
export type Decided =
  | { readonly decision: Decision; readonly rules: Rulesets | undefined }
  | { readonly failure: CniError };

/** Goes the way of an ADD up to the kernel, with the recorded facts, and signs the rules as the recorded version did. */
export async function decideAgain(
  { pod }: RecordedFacts,
  { versions }: AttachmentRecord,
): Promise<Decided> {
  try {
    const decision = await decide(pod);
    const rules = decision.action === 'skip' ? undefined : rulesets(decision.plan, versions.sluice);
    return { decision, rules };
  } catch (error) {
    return { failure: CniError.from(error) };
  }
}

export function decisionStep(
  { decision: recorded, error }: AttachmentRecord,
  again: Decided,
): Step {
  const was = recorded ? renderDecision(recorded) : `error ${error?.code ?? 'unknown'}`;
  if ('failure' in again) {
    const { code, message } = again.failure;
    return {
      name: 'decision',
      was,
      now: `error ${code}: ${message}`,
      same: !recorded && error?.code === code,
    };
  }
  const now = renderDecision(again.decision);
  const changed = recorded && now === was ? changedSettings(recorded, again.decision) : [];
  const same = was === now && changed.length === 0;
  return { name: 'decision', was, now: [now, ...changed].join('; '), same };
}

/** Undefined where there were none, or none were kept of them, and there are none. */
export function rulesStep({ rules: recorded }: AttachmentRecord, again: Decided): Step | undefined {
  const rules = 'failure' in again ? undefined : again.rules;
  if (!recorded && !rules) return undefined;
  const [was, now] = [recorded?.hash ?? 'not kept', rules?.hash ?? 'none'];
  if (!recorded || !rules) return { name: 'rules', was, now, same: !recorded };
  const difference =
    rulesDifference(rules.ipv4, recorded.ipv4) ?? rulesDifference(rules.ipv6, recorded.ipv6);
  return { name: 'rules', was, now: difference ?? now, same: difference === undefined };
}

export function outcomeStep({ outcome, error }: AttachmentRecord, now: CniError | string): Step {
  const was = error ? `${outcome}, code ${error.code}: ${error.msg}` : outcome;
  if (typeof now === 'string') return { name: 'outcome', was, now, same: was === now };
  const text = [now.message, detailsOf(now)].filter(Boolean).join(': ');
  return {
    name: 'outcome',
    was,
    now: `failed, code ${now.code}: ${text}`,
    same: error?.code === now.code,
  };
}

function renderDecision(decision: Decision): string {
  return decision.action === 'skip' ? `skip: ${decision.reason}` : 'redirect';
}

function changedSettings(was: Decision, now: Decision): string[] {
  if (was.action === 'skip' || now.action === 'skip') return [];
  return now.settings.flatMap(({ name, value }) => {
    const before = was.settings.find((setting) => setting.name === name)?.value;
    return before === value ? [] : [`${name} is "${value}" instead of "${before ?? ''}"`];
  });
}

function rulesDifference(now: Ruleset, recorded: Ruleset): string | undefined {
  const difference = compare(recorded, listed(now));
  return difference && `${now.family}: ${renderDifference(difference)}`;
}

function listed({ tables }: Ruleset): SavedTables {
  return tables.map(({ name, chains }) => ({
    name,
    chains: chains.map((chain) => ({ name: chain.name, rules: chain.rules.map(ruleText) })),
  }));
}
