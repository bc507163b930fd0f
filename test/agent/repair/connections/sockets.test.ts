import assert from 'node:assert/strict';
import {
  keyOf,
  parseSockets,
  renderConnection,
} from '../../../../agent/repair/connections/sockets.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

const end = '00000000:00000000 00:00000000 00000000  1000        0 4557878 2 0 20 4 30 11 -1';

/** As the kernel of a little-endian machine prints it. */
function table(...sockets: readonly string[]): string {
  return [HEAD, ...sockets.map((socket, i) => `   ${i}: ${socket} ${end}`), ''].join('\n');
}

describe('parseSockets()', () => {
  const connections: Readonly<Record<string, readonly [string, string[]]>> = {
    IPv4: ['0100090A:8A90 0200090A:0050 01', ['10.9.0.1:35472 > 10.9.0.2:80']],
    IPv6: [
      '000009FD000000000000000001000000:B914 000009FD000000000000000002000000:0050 01',
      ['[fd09::1]:47380 > [fd09::2]:80'],
    ],
    'IPv4 on a socket of IPv6': [
      '0000000000000000FFFF00000100090A:1F90 0000000000000000FFFF00000200090A:8000 01',
      ['10.9.0.1:8080 > 10.9.0.2:32768'],
    ],
    'half closed by the other end': [
      '0100090A:8A90 0200090A:0050 08',
      ['10.9.0.1:35472 > 10.9.0.2:80'],
    ],
    'one that listens': ['00000000:0050 00000000:0000 0A', []],
    'one that is closed': ['0100090A:8A90 0200090A:0050 06', []],
    loopback: ['0100007F:8A90 0100007F:0050 01', []],
    'the pod to itself': ['0100090A:8A90 0100090A:0050 01', []],
    'a sidecar to its app': ['0100090A:0050 0600007F:8A90 01', []],
    'a sidecar to its app over IPv6': [
      '000009FD000000000000000001000000:B914 00000000000000000000000006000000:0050 01',
      [],
    ],
    'what is no socket': ['nonsense', []],
  };
  for (const [name, [socket, expected]] of Object.entries(connections)) {
    it(`reads ${name}`, () => {
      assert.deepEqual(parseSockets(table(socket)).map(renderConnection), expected);
    });
  }

  it('says whose they are, and in which family their packets are', () => {
    const mapped = '0000000000000000FFFF00000100090A:1F90 0000000000000000FFFF00000200090A:8000 01';
    const [connection] = parseSockets(table(mapped));
    assert.deepEqual([connection?.uid, connection?.family], [1000, 'ipv4']);
  });
});

describe('keyOf()', () => {
  it('is the same for both ends', () => {
    const one = { address: '0a090001', port: 1 };
    const other = { address: '0a090002', port: 2 };
    assert.equal(keyOf(one, other), keyOf(other, one));
    assert.notEqual(keyOf(one, other), keyOf({ ...one, port: 3 }, other));
  });
});
