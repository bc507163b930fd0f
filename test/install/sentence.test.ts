import assert from 'node:assert/strict';
import { sentence } from '../../install/sentence.ts';

describe('sentence()', () => {
  it('says what happened and why, on one line', () => {
    const cause = new Error('no space\n  left');
    assert.equal(
      sentence(new Error('cannot write "x"', { cause })),
      'cannot write "x": no space; left',
    );
  });

  it('cuts what goes on for too long', () => {
    assert.equal(sentence(new Error('x'.repeat(10_000))).length, 501);
  });
});
