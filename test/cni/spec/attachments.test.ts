import assert from 'node:assert/strict';

import { parseAttachments } from '../../../cni/spec/attachments.ts';

const CURRENT = 'cni.dev/valid-attachments';
const LEGACY = 'cni.dev/attachments';
const first = { containerID: 'a1', ifname: 'eth0' };

describe('parseAttachments()', () => {
  const lists: Record<string, readonly [Record<string, unknown>, readonly object[]]> = {
    'the list': [{ [CURRENT]: [first] }, [{ containerId: 'a1', ifName: 'eth0' }]],
    'the list under its old name': [{ [LEGACY]: [first] }, [{ containerId: 'a1', ifName: 'eth0' }]],
    'the new name before the old': [{ [CURRENT]: [], [LEGACY]: [first] }, []],
    'the old name where the new is null': [
      { [CURRENT]: null, [LEGACY]: [first] },
      [{ containerId: 'a1', ifName: 'eth0' }],
    ],
    'an empty list': [{ [CURRENT]: [] }, []],
    'another letter case, and more keys': [
      { [CURRENT]: [{ ContainerId: 'a1', IfName: 'eth0', x: 1 }] },
      [{ containerId: 'a1', ifName: 'eth0' }],
    ],
  };
  for (const [name, [entry, expected]] of Object.entries(lists)) {
    it(`reads ${name}`, () => {
      assert.deepEqual(parseAttachments(entry), expected);
    });
  }

  const noLists = [undefined, null, {}, 'a1', true, 0, [null], ['a1'], [[]], [{}]];
  const halves = [
    [first, {}],
    [{ ...first, ifname: 1 }],
    [{ ...first, ifname: '' }],
    [{ ...first, containerID: null }],
  ];
  for (const value of [...noLists, ...halves]) {
    it(`knows nothing from ${value === undefined ? 'no key' : JSON.stringify(value)}`, () => {
      assert.equal(parseAttachments({ [CURRENT]: value }), undefined);
    });
  }

  it('does not fall back to the old name from a broken list', () => {
    assert.equal(parseAttachments({ [CURRENT]: {}, [LEGACY]: [first] }), undefined);
  });
});
