import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { execa } from 'execa';
import fc from 'fast-check';

import { renderIpv4, renderIpv6 } from '../../../cni/redirect/addresses.ts';
import { hasRoot } from '../../support/scratch.ts';

/** As ip6tables-save 1.8.9 prints them. */
const printed: [value: bigint, text: string][] = [
  [0n, '::'],
  [1n, '::1'],
  [0xffffn, '::ffff'],
  [0x1_0000n, '::0.1.0.0'],
  [0x0a00_0000n, '::10.0.0.0'],
  [0xffff_0a00_0000n, '::ffff:10.0.0.0'],
  [0xffff_0000_0000n, '::ffff:0.0.0.0'],
  [0x1_0000_0000n, '::1:0:0'],
  [0xffff_0000_0a00_0000n, '::ffff:0:a00:0'],
  [0x2001_0db8n << 96n, '2001:db8::'],
  [0x2001_0db8_0000_0001n << 64n, '2001:db8:0:1::'],
  [0x0001_0000_0000_0002_0000_0000_0000_0003n, '1:0:0:2::3'],
  [0x0001_0000_0000_0002_0000_0000_0003_0004n, '1::2:0:0:3:4'],
  [0x0001_0002_0003_0004_0005_0006_0000_0008n, '1:2:3:4:5:6:0:8'],
  [0x0000_0002_0003_0004_0005_0006_0007_0008n, '0:2:3:4:5:6:7:8'],
  [(1n << 128n) - 1n, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
];

/** Zeros are what makes it interesting. */
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(0xffff) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 0xffff }) },
);
const address = fc
  .array(word, { minLength: 8, maxLength: 8 })
  .map((words) => words.reduce((value, next) => (value << 16n) | BigInt(next), 0n));

describe('renderIpv4()', () => {
  it('is dotted', () => {
    assert.equal(renderIpv4(0x0a00_01ffn), '10.0.1.255');
  });
});

describe('renderIpv6()', () => {
  for (const [value, text] of printed) {
    it(text, () => {
      assert.equal(renderIpv6(value), text);
    });
  }

  it('is an address', () => {
    fc.assert(
      fc.property(address, (value) => {
        assert.ok(isIPv6(renderIpv6(value)));
      }),
    );
  });

  it('is what ip6tables-save prints', async function () {
    if (!hasRoot()) this.skip();
    const [texts = []] = fc.sample(fc.array(address, { minLength: 300, maxLength: 300 }), 1);
    const rules = [...printed.map(([value]) => value), ...texts]
      .filter((value) => value !== 0n)
      .map((value) => `-A OUTPUT -d ${renderIpv6(value)}/128 -j RETURN`);
    const script = 'ip6tables-restore --noflush && ip6tables-save -t nat';
    const input = ['*nat', ...rules, 'COMMIT\n'].join('\n');
    const { stdout } = await execa('unshare', ['--net', 'sh', '-c', script], { input });
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.startsWith('-A')),
      rules,
    );
  });
});
