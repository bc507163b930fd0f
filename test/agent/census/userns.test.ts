import assert from 'node:assert/strict';
import { hasRoot } from '../../support/scratch.ts';
import { scratchOwnedNetns } from '../../support/userns.ts';
import { kindsOf, lookAt, recordOf, redirect, runningPod } from './ground.ts';

describe('podState() of a pod with users of its own', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const mapped of ['before', 'after'] as const) {
    for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
      describe(`mapped ${mapped} the netns was made, ${backend}`, () => {
        const netns = scratchOwnedNetns({ mapped });

        it('tells whether it is redirected', async () => {
          const records = [{ ...(await recordOf(netns)), backend }];
          const kinds = async (): Promise<string[]> =>
            kindsOf(await lookAt(runningPod(), { records }, backend));
          assert.deepEqual(await kinds(), ['un-redirected']);
          await redirect(netns, {}, backend);
          assert.deepEqual(await kinds(), []);
        });
      });
    }
  }
});
