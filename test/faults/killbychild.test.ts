import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { killingNsenter, type Moment } from '../support/killer.ts';
import { runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const moments: readonly Moment[] = ['is about to start', 'starts', 'has ended'];

describe('an ADD that is killed', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const older = site({ env: { ISTIO_META_DNS_CAPTURE: 'true' } });
  let whole: readonly string[];
  before(async () => {
    ({ whole } = await undisturbed(here));
  });

  // On a clean netns: both families' restores, and the address ::6.
  for (const nth of [1, 2, 3]) {
    for (const moment of moments) {
      it(`when its child ${nth} ${moment} is made good by the next`, () =>
        withNetns(async (netns) => {
          const toolsDir = killing(moment, nth);
          const request = here.add(netns.path, { config: { toolsDir } });
          assert.equal((await runPlugin(request)).signal, 'SIGKILL');
          await assertNext(netns, request);
        }));
    }
  }

  // Over other rules: the same, then in each family one that looks and one that replaces.
  for (const nth of [1, 2, 3, 4, 5, 6, 7]) {
    it(`when its child ${nth} starts, over older rules, is made good by the next`, () =>
      withNetns(async (netns) => {
        assert.equal((await runPlugin(older.add(netns.path))).exitCode, 0);
        const toolsDir = killing('starts', nth);
        const request = here.add(netns.path, { config: { toolsDir } });
        assert.equal((await runPlugin(request)).signal, 'SIGKILL');
        await assertNext(netns, request);
      }));
  }

  function killing(moment: Moment, nth: number): string {
    const trace = join(here.directory(), `${moment} ${nth} ${process.hrtime.bigint()}`);
    return here.tools({ nsenter: killingNsenter(moment, nth, trace) });
  }

  async function assertNext(
    netns: Parameters<typeof assertWholeOrNothing>[0],
    request: Parameters<typeof runPlugin>[0],
  ): Promise<void> {
    const next = await runPlugin(request);
    assert.equal(next.exitCode, 0, next.stdout);
    await assertWholeOrNothing(netns, next, whole);
  }
});
