import assert from 'node:assert/strict';
import { parseObject, refusal } from '../../../cni/facts/json.ts';

describe('parseObject()', () => {
  it('reads an object', () => {
    assert.deepEqual(parseObject('{"a": [1]}', 'the agent'), { a: [1] });
  });

  for (const text of ['', '[]', 'null', '"secret"', '{"token": secret', '1e']) {
    it(`refuses ${text || 'nothing'}, without quoting it`, () => {
      assert.throws(
        () => parseObject(text, 'the agent'),
        (error: Error) => {
          assert.equal(error.message, 'the agent answered with something that is no JSON object');
          assert.equal(error.cause, undefined);
          return true;
        },
      );
    });
  }
});

describe('refusal()', () => {
  const cases: Record<string, string | undefined> = {
    '{"error": {"code": "not-ready", "message": "the watch has not begun"}}':
      'the watch has not begun',
    '{"kind": "Status", "message": "pods is forbidden"}': 'pods is forbidden',
    '{"error": "busy"}': undefined,
    '{"message": 5}': undefined,
    '<html>': undefined,
    '': undefined,
  };
  for (const [body, message] of Object.entries(cases)) {
    it(`finds ${message ?? 'nothing'} in ${body || 'nothing'}`, () => {
      assert.equal(refusal(body)?.message, message);
    });
  }

  it('keeps no more than 300 characters', () => {
    const body = JSON.stringify({ message: 'x'.repeat(1000) });
    assert.equal(refusal(body)?.message.length, 300);
  });
});
