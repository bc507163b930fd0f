import { type PodState } from '../../agent/census/finding.ts';
import { type Pod } from '../../agent/pod.ts';
import { curable, sentenceOf } from '../../agent/repair/curable.ts';
import { type Outcome, type Treatment } from '../../agent/repair/treatment.ts';

/** What became of one pod. */
export interface Repaired {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly action:
    | 'none'
    | 'would-program'
    | 'programmed'
    /** Something is wrong that rules cannot put right. */
    | 'no-cure'
    | 'refused'
    | 'failed'
    | 'gone'
    | 'unknown';
  /** What was wrong, and what was done. */
  readonly message: string;
}

export interface RepairMeans {
  readonly look: (pod: Pod) => Promise<PodState | undefined>;
  readonly treat: Treatment;
}

/** Looks at a pod and, unless it is only to be told, puts it right. */
export async function repairPod(
  pod: Pod,
  { look, treat }: RepairMeans,
  how: 'tell' | 'act',
): Promise<Repaired> {
  const { namespace, name, uid } = pod.metadata;
  const told = (action: Repaired['action'], message: string): Repaired => ({
    ...{ namespace, name, uid, action, message },
  });
  const state = await look(pod);
  if (!state) return told('gone', '');
  const wrong = curable(state);
  if (wrong.length === 0) return told(withoutCure(state), sentenceOf(state.findings));
  if (how === 'tell') return told('would-program', sentenceOf(wrong));
  const { outcome, event } = await treat({ pod, state });
  return told(ACTIONS[outcome], event?.message ?? sentenceOf(wrong));
}

const ACTIONS: Readonly<Record<Outcome, Repaired['action']>> = {
  done: 'programmed',
  refused: 'refused',
  failed: 'failed',
  gone: 'gone',
  told: 'no-cure',
};

function withoutCure({ findings }: PodState): Repaired['action'] {
  if (findings.length === 0) return 'none';
  return findings.every(({ kind }) => kind === 'unknown') ? 'unknown' : 'no-cure';
}
