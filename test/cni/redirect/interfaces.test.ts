import assert from 'node:assert/strict';

import { parseInterfaces } from '../../../cni/redirect/interfaces.ts';

describe('parseInterfaces()', () => {
  const cases: Record<string, string[]> = {
    '': [],
    eth1: ['eth1'],
    ' net1, eth1,net1': ['eth1', 'net1'],
    'a.b_c-D9': ['a.b_c-D9'],
    'fifteen-letters': ['fifteen-letters'],
  };
  for (const [text, names] of Object.entries(cases)) {
    it(`reads "${text}"`, () => {
      assert.deepEqual(parseInterfaces(text), names);
    });
  }

  const wrong = [
    '0eth',
    'eth+',
    'eth0:1',
    'eth0@if2',
    'sixteen-letters-',
    'a b',
    '-j',
    'eth1,,',
    'é',
  ];
  for (const text of [...wrong, 'eth0\n-j ACCEPT']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseInterfaces(text), RangeError);
    });
  }

  it('says what it wants', () => {
    assert.throws(() => parseInterfaces('eth+'), {
      message:
        'cannot parse interface "eth+": expected a letter, then up to 14 letters, digits or "_.-"',
    });
  });
});
