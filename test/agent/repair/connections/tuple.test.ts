import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fields, parseTuple, renderTuple } from '../../../../agent/repair/connections/tuple.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const digits = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((address) => Buffer.from(address).toString('hex'));
const endpoint = (bytes: number): fc.Arbitrary<{ address: string; port: number }> =>
  fc.record({ address: digits(bytes), port }, { noNullPrototype: true });
const tuple = fc
  .constantFrom(4, 16)
  .chain((bytes) =>
    fc.record({ source: endpoint(bytes), destination: endpoint(bytes) }, { noNullPrototype: true }),
  );

describe('renderTuple()', () => {
  it('is read back by parseTuple()', () => {
    fc.assert(
      fc.property(tuple, (one) => {
        const body = fields(renderTuple(1, one)).get(1);
        assert.ok(body);
        assert.deepEqual(parseTuple(body), one);
      }),
    );
  });

  it('is what the kernel calls TCP', () => {
    const endpoints = {
      source: { address: '0a000001', port: 1 },
      destination: { address: '0a000002', port: 443 },
    };
    const hex = renderTuple(1, endpoints).toString('hex');
    const addresses = '1400' + '0180' + '08000100' + '0a000001' + '08000200' + '0a000002';
    const ports = '1c00' + '0280' + '05000100' + '06000000' + '06000200' + '00010000' + '06000300';
    assert.equal(hex, '3400' + '0180' + addresses + ports + '01bb0000');
  });
});

describe('parseTuple()', () => {
  it('passes over what is not TCP', () => {
    assert.equal(parseTuple(Buffer.alloc(0)), undefined);
  });
});
