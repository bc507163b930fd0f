import assert from 'node:assert/strict';
import { takesTraffic, untracks } from '../../../cni/rules/verdict.ts';

const table = {
  name: 'nat',
  chains: [
    { name: 'COUNT', rules: ['', '-j LOG', '-p tcp -j RETURN'] },
    { name: 'TAKE', rules: ['-j COUNT', '-p udp -j DNAT --to-destination 10.0.0.1'] },
    { name: 'NESTED', rules: ['-j COUNT', '-j TAKE'] },
    { name: 'CIRCLE', rules: ['-j CIRCLE', '-j COUNT'] },
  ],
};

describe('takesTraffic()', () => {
  const cases: Readonly<Record<string, boolean>> = {
    '': false,
    '-p tcp -j LOG': false,
    '-j MARK --set-xmark 0x1/0xffffffff': false,
    '-j COUNT': false,
    '-j CIRCLE': false,
    '-j RETURN': true,
    '-j ACCEPT': true,
    '-p tcp -j REDIRECT --to-ports 80': true,
    '-j CT --zone 7': true,
    '-j TAKE': true,
    '-j NESTED': true,
    '-g COUNT': true,
  };
  for (const [rule, expected] of Object.entries(cases)) {
    it(`"${rule}": ${expected}`, () => {
      assert.equal(takesTraffic(rule, table), expected);
    });
  }
});

describe('untracks()', () => {
  const raw = {
    name: 'raw',
    chains: [
      { name: 'DNS', rules: ['-p udp -j ACCEPT', '-p tcp -j CT --notrack'] },
      { name: 'CIRCLE', rules: ['-j CIRCLE', '-j LOG'] },
    ],
  };
  const cases: Readonly<Record<string, boolean>> = {
    '': false,
    '-j ACCEPT': false,
    '-j CT --zone 7': false,
    '-j CIRCLE': false,
    '-j NOTRACK': true,
    '-p tcp -j CT --notrack': true,
    '-j DNS': true,
    '-g DNS': true,
  };
  for (const [rule, expected] of Object.entries(cases)) {
    it(`"${rule}": ${expected}`, () => {
      assert.equal(untracks(rule, raw), expected);
    });
  }
});
