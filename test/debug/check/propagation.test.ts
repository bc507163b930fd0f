import assert from 'node:assert/strict';
import { mountOf } from '../../../debug/check/propagation.ts';

const root = '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw';
const run = '25 22 0:23 / /run rw,nosuid shared:5 - tmpfs tmpfs rw';
const netns = (fields: string): string =>
  `700 25 0:4 /netns /run/netns rw ${fields}- tmpfs tmpfs rw`;

const cases: Readonly<Record<string, [mountinfo: string[], path: string, propagates: boolean]>> = {
  'the root of a container': [[root], '/', false],
  'the nearest mount above': [[root, run], '/run', true],
  'a mount of its own that is private': [[netns(''), root, run], '/run/netns', false],
  'a mount of its own that follows the node': [[root, run, netns('master:5 ')], '/run/netns', true],
  'the upper one of two': [[netns('master:5 '), netns('')], '/run/netns', false],
  'no neighbour of a similar name': [[root, run.replace('/run ', '/run/net ')], '/', false],
};

describe('mountOf()', () => {
  for (const [what, [mountinfo, path, propagates]] of Object.entries(cases)) {
    it(`finds ${what}`, () => {
      assert.deepEqual(mountOf('/run/netns', mountinfo.join('\n')), { path, propagates });
    });
  }
});
