import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { launch } from '../../../cni/kernel/launch.ts';
import { closeNetns, openAnyNetns } from '../../../cni/kernel/netns.ts';
import { findTools } from '../../../cni/kernel/tools.ts';
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

describe('launch() of what Node.js refuses to start', () => {
  it('throws, and keeps nothing open', () => {
    const netns = openAnyNetns('/proc/self/ns/net');
    const kernel = {
      netns,
      tools: findTools('auto'),
      hideNameService: false,
      userNamespace: undefined,
      deadlineAt: Infinity,
    };
    try {
      const open = readdirSync('/proc/self/fd').length;
      assert.throws(() => launch(kernel, ['sh'], [['a\0b']]), { code: 'ERR_INVALID_ARG_VALUE' });
      assert.equal(readdirSync('/proc/self/fd').length, open);
    } finally {
      closeNetns(netns);
    }
  });
});
