import assert from 'node:assert/strict';
import { parseRecord } from '../../../cni/attachment.ts';
import { type Call, mergeCalls } from '../../../debug/history/calls.ts';
import { mergeEntries } from '../../../debug/history/entries.ts';
import { entrySummary } from '../../../debug/history/repairs.ts';
import { callNamed, callsOf } from '../../../debug/history/select.ts';
import { attachmentRecord, keptRepair } from '../../support/records.ts';

const early = '2026-01-01T00:00:00.000Z';
const late = '2026-01-02T00:00:00.000Z';

function called(name: string, changes: Parameters<typeof attachmentRecord>[0] = {}): Call {
  const pod = { namespace: 'default', name, uid: name };
  const [call] = mergeCalls([attachmentRecord({ containerId: `c-${name}`, pod, ...changes })], []);
  if (call) return call;
  throw new Error('nothing was merged');
}

describe('mergeCalls()', () => {
  it('has each ADD once, as its record knows it, newest first', () => {
    const [first, second] = [
      attachmentRecord({ startedAt: early }),
      attachmentRecord({ startedAt: late }),
    ];
    const calls = mergeCalls([{ ...second, backend: 'iptables-legacy' }], [first, second]);
    assert.deepEqual(
      calls.map(({ record, isCurrent }) => [record.startedAt, record.backend, isCurrent]),
      [
        [late, 'iptables-legacy', true],
        [early, 'iptables-nft', false],
      ],
    );
    assert.notEqual(calls[0]?.id, calls[1]?.id);
  });

  for (const part of ['notes', 'families', 'warnings']) {
    it(`passes over a record without its ${part}`, () => {
      const without = (key: string, value: unknown): unknown => (key === part ? undefined : value);
      const text = JSON.stringify(attachmentRecord({ startedAt: late }), without);
      const cut = parseRecord(text);
      assert.ok(cut);
      const calls = mergeCalls([], [cut, attachmentRecord({ startedAt: early })]);
      assert.deepEqual(
        mergeEntries(calls, [keptRepair()])
          .map(entrySummary)
          .map(({ kind }) => kind),
        ['repair', 'add'],
      );
    });
  }
});

describe('callsOf()', () => {
  const other = { namespace: 'shop', name: 'web-0', uid: 'x' };
  const calls = [called('web-0'), called('web-1'), called('web-0', { pod: other })];

  for (const [name, count] of Object.entries({ 'default/web-0': 1, 'shop/web-0': 1, 'web-1': 1 })) {
    it(`finds ${name}`, () => {
      assert.equal(callsOf(name, calls).length, count);
    });
  }

  for (const [name, message] of Object.entries({
    'web-0': /expected default\/web-0 or shop\/web-0$/,
    'default/wbe-1': /did you mean "default\/web-1"\?$/,
  })) {
    it(`refuses ${name}`, () => {
      assert.throws(() => callsOf(name, calls), { message });
    });
  }
});

describe('callNamed()', () => {
  const calls = [called('web-0', { startedAt: late }), called('web-0', { startedAt: early })];

  it('finds a call by the beginning of its ID', () => {
    assert.equal(callNamed(calls[1]?.id.slice(0, 6) ?? '', calls), calls[1]);
  });

  it('takes the last call of a pod', () => {
    assert.equal(callNamed('default/web-0', calls), calls[0]);
  });

  it('refuses what is neither', () => {
    assert.throws(() => callNamed('default/db', calls), { exitCode: 3 });
    assert.throws(() => callNamed('', calls), { exitCode: 3 });
  });
});
