import { type AttachmentRecord } from '../cni/attachment.ts';
import { SKIP_REASONS } from '../cni/redirect/skip.ts';
import { type Metrics } from './metrics.ts';

const PHASES = ['start', 'facts', 'decide', 'apply', 'total'];
const MOST_WARNINGS = 20;

/** The fields of the log line that tells of an ADD; the rules are in the record on the node. */
export function recordFields(record: AttachmentRecord): Readonly<Record<string, unknown>> {
  const { containerId, ifName, pod, facts, netns, rules, families, backend, phases } = record;
  return {
    containerId,
    ifName,
    pod,
    decision: decisionOf(record),
    source: facts?.source,
    netns,
    backend,
    families,
    rules: rules?.hash,
    phases,
    warnings: Array.isArray(record.warnings) ? record.warnings.slice(0, MOST_WARNINGS) : undefined,
    error: record.error,
  };
}

export function recordLevel({ outcome, warnings }: AttachmentRecord): 'info' | 'warn' | 'error' {
  if (outcome === 'failed') return 'error';
  return Array.isArray(warnings) && warnings.length > 0 ? 'warn' : 'info';
}

/** Labels come from closed lists, so that no caller can make series without end. */
export function countRecord(record: AttachmentRecord, { adds, addSeconds }: Metrics): void {
  adds.inc({ decision: decisionOf(record), outcome: record.outcome });
  for (const phase of PHASES) {
    const ms = record.phases[phase];
    if (typeof ms === 'number' && ms >= 0) addSeconds.observe({ phase }, ms / 1_000);
  }
}

function decisionOf({ decision }: AttachmentRecord): string {
  if (decision?.action === 'redirect') return 'redirect';
  return (
    SKIP_REASONS.find((reason) => decision?.action === 'skip' && decision.reason === reason) ??
    'none'
  );
}
