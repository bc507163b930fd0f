import assert from 'node:assert/strict';
import { mergeCalls } from '../../../debug/history/calls.ts';
import { type Entry } from '../../../debug/history/entries.ts';
import { hasProblem } from '../../../debug/history/problem.ts';
import { entrySummary } from '../../../debug/history/repairs.ts';
import { attachmentRecord, keptRepair } from '../../support/records.ts';

const failure = { outcome: 'failed', error: { code: 11, msg: 'no', details: 'why' } } as const;
const early = { ...failure, facts: undefined, phases: { start: 1, total: 1 } };

function added(name: string, changes: Parameters<typeof attachmentRecord>[0] = {}): Entry {
  const pod = { namespace: 'default', name, uid: name };
  const [call] = mergeCalls([attachmentRecord({ pod, ...changes })], []);
  if (call) return call;
  throw new Error('nothing was merged');
}

const minute = 60_000;
const now = Date.parse('2026-01-02T12:00:00.000Z');

function repaired(
  name: string,
  outcome: 'done' | 'failed' | 'told' | 'refused',
  agoMs = 30 * minute,
): Entry {
  const pod = { namespace: 'default', name, uid: name };
  const startedAt = new Date(now - agoMs).toISOString();
  return { kind: 'repair', repair: keptRepair({ pod, outcome, startedAt }) };
}

const unknown = { ...early, pod: undefined, containerId: '' };
/** Newest first. */
const cases: Readonly<Record<string, [entries: readonly Entry[], expected: boolean]>> = {
  'a pod that was tried again': [[added('a'), added('a', failure)], false],
  'a pod whose last ADD failed': [[added('a', failure), added('a')], true],
  'an ADD that never finished': [[added('a', { outcome: 'pending' })], true],
  'another pod': [[added('b'), added('a', failure)], true],
  'a pod that was repaired': [[repaired('a', 'done'), added('a', failure)], false],
  'a pod whose repair failed': [[repaired('a', 'failed'), added('a')], true],
  'a pod that was only told of': [[repaired('a', 'told'), added('a')], true],
  'a pod whose eviction was refused': [[repaired('a', 'refused'), added('a')], true],
  'a pod whose repair failed, and was not tried again': [
    [repaired('a', 'failed', 61 * minute), added('a')],
    false,
  ],
  'a pod that was told of, and not again': [[repaired('a', 'told', 61 * minute)], false],
  'a repair before the clock was set back': [[repaired('a', 'failed', -61 * minute)], true],
  'a pod that was added again after a failed repair': [
    [added('a'), repaired('a', 'failed')],
    false,
  ],
  'the repair of another pod': [[repaired('b', 'done'), added('a', failure)], true],
  'a request that could not be read': [[added('', unknown), added('a')], true],
  'one that could not be read before one that could': [[added('a'), added('', unknown)], false],
  'many that could not be read': [[added('a', early), added('b', early)], true],
};

describe('hasProblem()', () => {
  for (const [name, [entries, expected]] of Object.entries(cases)) {
    it(`is ${String(expected)} for ${name}`, () => {
      assert.equal(hasProblem(entries.map(entrySummary), now), expected);
    });
  }
});
