import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { silentAgent } from '../support/silent.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const seed = 1_914;
const rounds = 5;

describe('an ADD that gets', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const silent = silentAgent();

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`${signal} at ${rounds} moments of seed ${seed} redirects all or nothing`, async () => {
      const { whole, ms } = await undisturbed(here);
      const moments = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), {
        numRuns: rounds,
        seed,
      });
      for (const moment of moments) {
        await withNetns(async (netns) => {
          const { kill, ended } = startPlugin(here.add(netns.path));
          await sleep(moment * ms);
          kill(signal);
          await assertWholeOrNothing(netns, await ended, whole);
          const again = await runPlugin(here.add(netns.path));
          assert.equal(again.exitCode, 0, again.stdout);
          await assertWholeOrNothing(netns, again, whole);
        });
      }
    });

    it(`${signal} while it waits for the agent gives up, and says why`, () =>
      withNetns(async (netns) => {
        const config = { agentSocket: silent.socket(), deadlineMs: 200_000 };
        const { kill, ended } = startPlugin(here.add(netns.path, { config }));
        await silent.asked();
        kill(signal);
        const outcome = await ended;
        const { code, msg, details } = errorResult(outcome);
        assert.equal(code, 11);
        assert.match(`${msg}: ${details}`, new RegExp(`default/web-0.*interrupted.*${signal}`));
        await assertWholeOrNothing(netns, outcome, []);
      }));
  }
});
