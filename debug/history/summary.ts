import { type AttachmentRecord, type Outcome } from '../../cni/attachment.ts';
import { type Call } from './calls.ts';

/** One ADD, as `history -o json` has it. */
export interface Summary {
  readonly kind: 'add';
  readonly id: string;
  readonly startedAt: string;
  readonly pod: AttachmentRecord['pod'];
  readonly containerId: string;
  readonly ifName: string;
  readonly outcome: Outcome;
  /** Why it was skipped, or what its error says. */
  readonly reason: string | undefined;
  readonly code: number | undefined;
  readonly source: string | undefined;
  readonly backend: string | undefined;
  readonly families: readonly string[];
  readonly rules: string | undefined;
  readonly ms: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly version: string;
  /** Whether the attachment still has its record. */
  readonly current: boolean;
}

export function summaryOf({ id, record, isCurrent }: Call): Summary {
  const { startedAt, finishedAt, pod, containerId, ifName, outcome, phases, error } = record;
  return {
    kind: 'add',
    id,
    startedAt,
    pod,
    containerId,
    ifName,
    outcome,
    reason: reasonOf(record),
    code: error?.code,
    source: record.facts?.source,
    backend: record.backend,
    families: record.families,
    rules: record.rules?.hash,
    ms: duration(startedAt, finishedAt) ?? sum(Object.values(phases)),
    phases,
    warnings: record.warnings,
    version: record.versions.sluice,
    current: isCurrent,
  };
}

function reasonOf({ outcome, decision, error }: AttachmentRecord): string | undefined {
  if (error) return [error.msg, error.details].filter(Boolean).join(': ');
  if (outcome === 'pending') return 'it was ended before it had finished';
  return decision?.action === 'skip' ? decision.reason : undefined;
}

/** In milliseconds; undefined where one of both is no time. */
export function duration(from: string, to: string | undefined): number | undefined {
  const ms = Date.parse(to ?? '') - Date.parse(from);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((total, value) => total + value, 0));
}
