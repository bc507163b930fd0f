import assert from 'node:assert/strict';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { prevResult } from '../support/call.ts';
import { runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

describe('an ADD', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site({ annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } });

  const mute = {
    'whose stdout is closed': '>&-',
    'whose stdout is a full disk': '>/dev/full',
  };
  for (const [name, redirection] of Object.entries(mute)) {
    it(`${name} fails and takes its rules back`, () =>
      withNetns(async (netns) => {
        const through = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
        const outcome = await runPlugin(here.add(netns.path), { through });
        assert.equal(outcome.exitCode, 1, outcome.stderr);
        await assertWholeOrNothing(netns, outcome, []);
        assert.equal(here.record()?.outcome, 'failed');
      }));
  }

  it('whose result nobody reads any more fails and takes its rules back', () =>
    withNetns(async (netns) => {
      const { stopReading, ended } = startPlugin(here.add(netns.path));
      stopReading();
      const outcome = await ended;
      assert.equal(outcome.exitCode, 1, outcome.stderr);
      await assertWholeOrNothing(netns, outcome, []);
    }));

  for (const [name, redirection] of Object.entries({
    closed: '2>&-',
    'a full disk': '2>/dev/full',
  })) {
    it(`whose stderr is ${name} succeeds`, async () => {
      const { whole } = await undisturbed(here);
      await withNetns(async (netns) => {
        const through = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
        const outcome = await runPlugin(here.add(netns.path), { through });
        assert.deepEqual(JSON.parse(outcome.stdout), prevResult);
        await assertWholeOrNothing(netns, outcome, whole);
      });
    });
  }

  it('with 5 MB on stdin hands all of it on', async () => {
    const { whole } = await undisturbed(here);
    await withNetns(async (netns) => {
      const long = { ...prevResult, filler: 'x'.repeat(5_000_000) };
      const outcome = await runPlugin(here.add(netns.path, { config: { prevResult: long } }));
      assert.deepEqual(JSON.parse(outcome.stdout), long);
      await assertWholeOrNothing(netns, outcome, whole);
    });
  });
});
