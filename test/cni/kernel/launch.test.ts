import assert from 'node:assert/strict';
import { assertWholeOrNothing, withNetns } from '../../support/holdings.ts';
import { errorResult, runPlugin } from '../../support/plugin.ts';
import { hasRoot } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { undisturbed } from '../../support/whole.ts';

describe('launch() with few file descriptors left', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  for (const limit of [28, 32, 36, 40]) {
    it(`starts the programs or says why not, with ${limit}`, async () => {
      const { whole } = await undisturbed(here);
      await withNetns(async (netns) => {
        const through = ['prlimit', `--nofile=${limit}`];
        const outcome = await runPlugin(here.add(netns.path), { through });
        if (outcome.exitCode !== 0) assert.match(errorResult(outcome).details, /EMFILE/);
        await assertWholeOrNothing(netns, outcome, whole);
      });
    });
  }
});
