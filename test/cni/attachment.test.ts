import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseRecord } from '../../cni/attachment.ts';
import { attachmentRecord } from '../support/records.ts';

describe('parseRecord()', () => {
  const whole = JSON.stringify(attachmentRecord());

  it('reads a record back', () => {
    assert.deepEqual(parseRecord(whole), JSON.parse(whole));
  });

  it('reads a record without rules', () => {
    const { rules, ...record } = attachmentRecord();
    assert.notEqual(rules, undefined);
    assert.deepEqual(parseRecord(JSON.stringify(record))?.outcome, 'redirected');
  });

  const changed: Record<string, object> = {
    'a shape of tomorrow': { schema: 2 },
    'an outcome that is none': { outcome: 'maybe' },
    'rules without chains': { rules: { hash: 'a', ipv4: '', ipv6: '' } },
    'no netns': { netns: undefined },
    'a netns without a path': { netns: {} },
    'no versions': { versions: null },
  };
  for (const [name, changes] of Object.entries(changed)) {
    it(`refuses ${name}`, () => {
      const text = JSON.stringify({ ...attachmentRecord(), ...changes });
      assert.equal(parseRecord(text), undefined);
    });
  }

  it('refuses all that is no record', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(parseRecord(text), undefined);
      }),
    );
  });

  it('refuses each part of a record', () => {
    for (let length = 0; length < whole.length; length += 1) {
      assert.equal(parseRecord(whole.slice(0, length)), undefined);
    }
  });
});
