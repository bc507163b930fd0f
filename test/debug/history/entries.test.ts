import assert from 'node:assert/strict';
import { BY_REPAIR } from '../../../agent/repair/record.ts';
import { type AttachmentRecord } from '../../../cni/attachment.ts';
import { mergeCalls } from '../../../debug/history/calls.ts';
import { mergeEntries } from '../../../debug/history/entries.ts';
import { attachmentRecord, keptRepair } from '../../support/records.ts';

const startedAt = '2026-01-02T04:00:01.000Z';
const repair = keptRepair({
  startedAt: '2026-01-02T04:00:00.000Z',
  finishedAt: '2026-01-02T04:00:02.000Z',
});
const { facts } = attachmentRecord();
const left = attachmentRecord({ startedAt, facts: facts && { ...facts, notes: [BY_REPAIR] } });
const pod = { namespace: 'default', name: 'web-0', uid: 'uid-2' };

const cases: Readonly<Record<string, [record: AttachmentRecord, kinds: readonly string[]]>> = {
  'the record that the repair has left': [left, ['repair']],
  'an ADD at the same time': [{ ...left, facts }, ['add', 'repair']],
  'the record of another repair': [
    { ...left, startedAt: '2026-01-02T04:00:03.000Z' },
    ['add', 'repair'],
  ],
  "another pod's": [{ ...left, pod }, ['add', 'repair']],
  'an earlier ADD': [{ ...left, facts, startedAt: '2026-01-02T03:00:00.000Z' }, ['repair', 'add']],
};

describe('mergeEntries() of a repair and', () => {
  for (const [what, [record, kinds]] of Object.entries(cases)) {
    it(what, () => {
      const entries = mergeEntries(mergeCalls([record], []), [repair]);
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        kinds,
      );
    });
  }
});
