import assert from 'node:assert/strict';
import { passing, renderPassing } from '../../../../agent/repair/connections/passing.ts';
import { type Connection } from '../../../../agent/repair/connections/sockets.ts';

const connection: Connection = {
  family: 'ipv4',
  local: { address: '0a000001', port: 41000 },
  remote: { address: '0a000005', port: 443 },
  uid: 1000,
};
const times = (count: number): Connection[] => Array.from({ length: count }, () => connection);
const name = '10.0.0.1:41000 > 10.0.0.5:443';

describe('renderPassing()', () => {
  const cases: readonly [string, string][] = [
    [renderPassing({ how: 'kept', connections: [] }), ''],
    [
      renderPassing({ how: 'kept', connections: times(1) }),
      `1 connection that was opened before goes on past the sidecar (${name})`,
    ],
    [
      renderPassing({ how: 'reset', connections: times(2) }),
      `2 connections that were opened before are reset (${name}, ${name})`,
    ],
    [
      renderPassing({ how: 'forgotten', connections: times(1) }),
      `1 connection that was opened before ends with its next packet (${name})`,
    ],
    [
      renderPassing({ how: 'kept', connections: times(6) }),
      `6 connections that were opened before go on past the sidecar (${Array.from({ length: 5 }, () => name).join(', ')}, …)`,
    ],
  ];
  for (const [said, expected] of cases) {
    it(`says ${JSON.stringify(expected.slice(0, 40))}`, () => {
      assert.equal(said, expected);
    });
  }

  it('says why connections could not be looked at', () => {
    const passed = passing(() => {
      throw new Error('outer', { cause: new Error('inner') });
    });
    assert.equal(renderPassing(passed), 'open connections could not be looked at: outer: inner');
  });
});
