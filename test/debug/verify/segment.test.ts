import assert from 'node:assert/strict';
import { checksum, signedSyn } from '../../../debug/verify/segment.ts';

describe('signedSyn()', () => {
  for (const length of [4, 16]) {
    it(`has a checksum that is right, with addresses of ${length} bytes`, () => {
      const [src, dst] = [Buffer.alloc(length, 0xc6), Buffer.alloc(length, 0x0a)];
      const segment = signedSyn({ src, dst, sport: 40_000, dport: 80 });
      const pseudo = Buffer.concat([src, dst, Buffer.from([0, 6, 0, segment.length])]);
      assert.equal(checksum(Buffer.concat([pseudo, segment])), 0);
      assert.deepEqual([segment.readUInt16BE(0), segment.readUInt16BE(2)], [40_000, 80]);
      assert.equal((segment[12] ?? 0) >> 4, segment.length / 4);
    });
  }
});
