import { podName, readCalls } from '../history/calls.ts';
import { type Summary, summaryOf } from '../history/summary.ts';
import { fine, type Look } from './outcome.ts';

/** How the last ADDs of this node went, and how long they took. */
export const lookAtAdds: Look = async ({ place: { stateDir } }) => {
  const calls = (await readCalls(stateDir)).map(summaryOf);
  const [last] = calls;
  if (!last) return fine('none is remembered');
  const times = `of ${calls.length}, half took ${at(calls, 0.5)} ms at most, 99 % ${at(calls, 0.99)} ms`;
  const what = `${last.outcome}, ${podName(last)}, ${last.startedAt}`;
  if (last.outcome !== 'failed') return fine(`last: ${what}; ${times}`);
  return {
    verdict: 'problem',
    says: `last: ${what}: ${last.reason ?? ''}`,
    next: '`history` tells more',
  };
};

function at(calls: readonly Summary[], share: number): number {
  const sorted = calls.map(({ ms }) => ms).sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
