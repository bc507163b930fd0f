import { type PodState } from '../../agent/census/finding.ts';
import { type Pod } from '../../agent/pod.ts';
import { type Patient } from '../../agent/repair/treatment.ts';
import { redirection } from './redirection.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';

/** A pod without any of its rules, as a census finds it. */
export function unredirected(pod: Pod): Patient {
  const { namespace, name, uid } = pod.metadata;
  const plan = redirection();
  const decision = { action: 'redirect', plan, settings: [], warnings: [] } as const;
  const state: PodState = {
    pod: { namespace, name, uid },
    expected: { action: 'redirect', decision, rules: rulesets(plan, '1'), added: undefined },
    actual: 'un-redirected',
    findings: [{ kind: 'un-redirected', sentence: 'it holds no rules' }],
    netns: undefined,
  };
  return { pod, state };
}
