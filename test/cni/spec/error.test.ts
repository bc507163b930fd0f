import assert from 'node:assert/strict';

import {
  causes,
  CniError,
  detailsOf,
  ErrorCode,
  renderErrorResult,
} from '../../../cni/spec/error.ts';

describe('renderErrorResult()', () => {
  it('holds the whole chain of causes', () => {
    const exec = new Error('exit code 2', { cause: new TypeError('bad argument') });
    const error = new CniError(ErrorCode.notApplied, 'cannot redirect traffic', { cause: exec });
    assert.deepEqual(JSON.parse(renderErrorResult(error, '0.4.0')), {
      cniVersion: '0.4.0',
      code: 101,
      msg: 'cannot redirect traffic',
      details: 'exit code 2: bad argument',
    });
  });

  it('has empty details without a cause', () => {
    const text = renderErrorResult(new CniError(ErrorCode.decode, 'x'), '1.1.0');
    assert.equal(text, '{"cniVersion":"1.1.0","code":6,"msg":"x","details":""}');
  });
});

describe('causes()', () => {
  it('names the parts of several errors at once', () => {
    const several = new AggregateError([new Error('a', { cause: 'b' }), 'c'], 'both');
    assert.deepEqual(causes(new Error('x', { cause: several })), ['both', 'a', 'b', 'c']);
  });
});

describe('detailsOf()', () => {
  it('tells what led to what from what stands beside each other', () => {
    const several = new AggregateError([new Error('a', { cause: 'b' }), 'c'], 'both');
    const error = new Error('x', { cause: new Error('first', { cause: several }) });
    assert.equal(detailsOf(error), 'first: both: a: b; c');
  });
});

describe('CniError.from()', () => {
  it('leaves a CniError alone', () => {
    const error = new CniError(ErrorCode.io, 'x');
    assert.equal(CniError.from(error), error);
  });

  for (const thrown of [new TypeError('x'), 'x', undefined]) {
    it(`makes ${String(thrown)} an unexpected error`, () => {
      const { code, message, cause } = CniError.from(thrown);
      assert.deepEqual([code, message, cause], [999, 'unexpected error', thrown]);
    });
  }
});

describe('ErrorCode', () => {
  it('never gives a code two meanings', () => {
    const codes = Object.values(ErrorCode);
    assert.equal(new Set(codes).size, codes.length);
  });
});
