import { type RepairEntry } from '../../agent/repair/entry.ts';
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

export function entrySummary(entry: Entry): Summary | RepairSummary {
  return entry.kind === 'add' ? summaryOf(entry) : repairSummary(entry.repair);
}
