import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { parseArguments } from '../../../debug/arguments.ts';
import { PACKET, parsePacket } from '../../../debug/trace/arguments.ts';
import { foreignWords } from '../../../debug/trace/foreign.ts';
import { parseLocal, readLocal, takenAs } from '../../../debug/trace/local.ts';

describe('parseLocal()', () => {
  it('reads every kind of route, the most specific first', () => {
    const text =
      'local default dev lo scope host \nlocal 10.0.0.2 dev eth0 proto kernel scope host src 10.0.0.2 \n' +
      'throw 10.99.3.0/24 \n10.99.7.0/24 dev eth0 scope link \n\tnexthop via 10.0.0.1 dev eth0 weight 1 \n';
    assert.deepEqual(parseLocal(text, 'ipv4'), [
      { type: 'local', range: '10.0.0.2/32' },
      { type: 'throw', range: '10.99.3.0/24' },
      { type: 'unicast', range: '10.99.7.0/24' },
      { type: 'local', range: '0.0.0.0/0' },
    ]);
  });

  it('reads IPv6', () => {
    const text =
      'anycast fe80:: dev eth0 metric 0\nmulticast ff00::/8 dev eth0\ndefault dev eth0\n';
    const routes = parseLocal(text, 'ipv6');
    assert.deepEqual(
      ['fe80::', 'ff02::1', 'fd00::1'].map((dst) => takenAs(routes, { dst, family: 'ipv6' })),
      ['anycast', 'multicast', undefined],
    );
  });
});

describe('readLocal()', () => {
  it('leaves open what is here where the netns cannot be entered', async () => {
    const fd = openSync('/dev/null', 'r');
    try {
      const netns = { path: '/dev/null', inode: 0, fd };
      assert.deepEqual(await readLocal(netns, { binDir: '/nonexistent', toolsDir: undefined }), {
        ipv4: undefined,
        ipv6: undefined,
      });
    } finally {
      closeSync(fd);
    }
  });
});

describe('foreignWords()', () => {
  it('says nothing where the table could not be read', () => {
    const args = parseArguments(['--in', '--dst', '10.0.0.9:80'], PACKET);
    const asked = parsePacket(args, { ipv4: [], ipv6: [] });
    assert.equal(foreignWords(asked, { ipv4: undefined, ipv6: [] }), undefined);
    assert.match(foreignWords(asked, { ipv4: [], ipv6: undefined }) ?? '', /\(it has none\)$/);
  });
});
