import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseGroups, parseIncludedGroups, parseOwnerId } from '../../../cni/redirect/owners.ts';

describe('parseOwnerId()', () => {
  for (const text of ['0', '1337', '4294967294']) {
    it(`takes "${text}"`, () => {
      assert.equal(parseOwnerId(text), Number(text));
    });
  }

  for (const text of ['', '-1', '4294967295', 'root', '1.5', ' 1', '1-2']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseOwnerId(text), {
        name: 'RangeError',
        message: `cannot parse user or group ID "${text}": expected an integer from 0 to 4294967294`,
      });
    });
  }
});

describe('parseGroups()', () => {
  it('yields each group once, ascending', () => {
    assert.deepEqual(parseGroups(' 202,9 , 202,1000'), [9, 202, 1000]);
  });

  it('refuses names, and says why', () => {
    assert.throws(() => parseGroups('202,java'), {
      name: 'RangeError',
      message:
        'cannot use group "java": expected a numeric group ID, as the pod\'s names are unknown on the node',
    });
  });

  it('is undone by join()', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4294967294 })), (groups) => {
        const parsed = parseGroups(groups.join(','));
        assert.deepEqual(parseGroups(parsed.join(',')), parsed);
        assert.deepEqual(new Set<number>(parsed), new Set(groups));
      }),
    );
  });
});

describe('parseIncludedGroups()', () => {
  const groups = (count: number) => Array.from({ length: count }, (_, i) => i).join(',');

  it('reads "*" as all', () => {
    assert.equal(parseIncludedGroups('*'), 'all');
  });

  it('takes 64 groups', () => {
    assert.equal(parseIncludedGroups(groups(64)).length, 64);
  });

  it('refuses 65 groups', () => {
    assert.throws(() => parseIncludedGroups(groups(65)), {
      message: 'cannot redirect 65 groups: expected at most 64',
    });
  });
});
