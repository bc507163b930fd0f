import { type RepairEntry } from '../../agent/repair/entry.ts';
import { LONGEST_WAIT_MS } from '../../agent/repair/attempts.ts';
import { type Entry } from './entries.ts';
import { duration, type Summary, summaryOf } from './summary.ts';

/** One repair, as `history -o json` has it. */
export interface RepairSummary extends Omit<RepairEntry, 'schema' | 'finishedAt'> {
  readonly ms: number;
}

export function repairSummary(repair: RepairEntry): RepairSummary {
  const { kind, startedAt, finishedAt, pod, mode, outcome, found, message, version } = repair;
  const ms = duration(startedAt, finishedAt) ?? 0;
  return { kind, startedAt, pod, mode, outcome, found, message, ms, version };
}

/** An hour: more than the longest wait and the census after it, also where the agent has many such pods to do with. */
const OPEN_MS = 12 * LONGEST_WAIT_MS;

/**
 * Whether a repair, the last one of its pod, did not succeed a while ago at most: the agent tries again as long as it
 * finds the pod wrong. Older ones are of pods that are gone or right, by themselves or by another agent.
 */
export function isOpen(
  { outcome, startedAt }: Pick<RepairEntry, 'outcome' | 'startedAt'>,
  now: number,
): boolean {
  return outcome !== 'done' && !(now - Date.parse(startedAt) > OPEN_MS);
}

export function entrySummary(entry: Entry): Summary | RepairSummary {
  return entry.kind === 'add' ? summaryOf(entry) : repairSummary(entry.repair);
}
