import assert from 'node:assert/strict';
import { canonicalRule } from '../../../cni/rules/spelling.ts';

describe('canonicalRule()', () => {
  const same: readonly [string, string][] = [
    ['-m comment --comment "sluice:dns" -j X', '-m comment --comment sluice:dns -j X'],
    ['-d ::ffff:10.0.0.0/104 -j X', '-d ::ffff:a00:0/104 -j X'],
    ['-d ::1.2.3.4/128 -j X', '-d ::102:304/128 -j X'],
    ['-d ::0.1.0.2/128 -j X', '-d ::1:2/128 -j X'],
    ['-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff', '-j CONNMARK --save-mark'],
    [
      '-j TPROXY --on-port 1 --on-ip :: --tproxy-mark 0x1/0x1',
      '-j TPROXY --on-port 1 --tproxy-mark 0x1/0x1',
    ],
  ];
  for (const [one, other] of same) {
    it(`"${one}" is "${other}"`, () => {
      assert.equal(canonicalRule(one), canonicalRule(other));
    });
  }

  const different: readonly [string, string][] = [
    ['-m comment --comment "a b" -j X', '-m comment --comment a b -j X'],
    ['-d 10.0.0.1/32 -j X', '-d 10.0.0.2/32 -j X'],
    ['-j CONNMARK --save-mark --nfmask 0xff', '-j CONNMARK --save-mark'],
    ['-j TPROXY --on-ip ::1', '-j TPROXY'],
  ];
  for (const [one, other] of different) {
    it(`"${one}" is not "${other}"`, () => {
      assert.notEqual(canonicalRule(one), canonicalRule(other));
    });
  }
});
