import assert from 'node:assert/strict';
import { parseIdMaps, renderIdMaps, unknownOwners } from '../../../cni/kernel/idmap.ts';

const text = `user          0     100000       1000
user       5000     200000          1
group         0     100000      65536
`;

describe('parseIdMaps()', () => {
  it('reads each range of users and of groups', () => {
    const maps = parseIdMaps(text);
    assert.deepEqual(maps, {
      user: [
        [0, 999],
        [5000, 5000],
      ],
      group: [[0, 65_535]],
    });
    assert.equal(renderIdMaps(maps), 'users 0-999, 5000-5000 and groups 0-65535');
  });
});

const input = `*nat
-A ISTIO_OUTPUT -o lo -m owner ! --uid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN
-A ISTIO_OUTPUT -m owner --gid-owner 1337 -j RETURN
COMMIT
`;

describe('unknownOwners()', () => {
  const cases: Record<string, { ids: string; unknown: string[] }> = {
    'names each owner once': {
      ids: 'user 0 7 10\ngroup 0 7 10',
      unknown: ['user 1337', 'group 1337'],
    },
    'knows the last of a range': { ids: 'user 0 7 1338\ngroup 1337 7 1', unknown: [] },
    'knows the end of a range': {
      ids: 'user 0 7 1337\ngroup 1338 7 9',
      unknown: ['user 1337', 'group 1337'],
    },
    'keeps users and groups apart': { ids: 'user 1337 7 1\ngroup 0 7 1', unknown: ['group 1337'] },
  };
  for (const [name, { ids, unknown }] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(unknownOwners(input, parseIdMaps(ids)), unknown);
    });
  }
});
