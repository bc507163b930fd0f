import { podName } from './calls.ts';
import { nameOf } from '../pods.ts';
import { isOpen, type RepairSummary } from './repairs.ts';
import { type Summary } from './summary.ts';

/**
 * Whether something is wrong with what was last done for any pod: what came before was tried again, or repaired.
 *
 * An ADD that failed before its pod was looked at says something about the node. The next one that came further answers
 * it, whosever it is: of a pod that is not meshed, nobody would tell that it was tried again.
 */
export function hasProblem(
  newestFirst: readonly (Summary | RepairSummary)[],
  now = Date.now(),
): boolean {
  const seen = new Set<string>();
  let isAnswered = false;
  return newestFirst.some((entry) => {
    const name = entry.kind === 'add' ? podName(entry) : nameOf(entry.pod);
    if (seen.has(name)) return false;
    seen.add(name);
    if (entry.kind === 'repair') return isOpen(entry, now);
    const { outcome, phases } = entry;
    const isEarly = outcome === 'failed' && phases.facts === undefined;
    if (!isEarly) isAnswered = true;
    return outcome === 'pending' || (outcome === 'failed' && !(isEarly && isAnswered));
  });
}
