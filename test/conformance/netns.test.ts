import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { assertWholeOrNothing, holdings, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

describe('CNI_NETNS', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  for (const command of ['ADD', 'CHECK']) {
    it(`where nothing is makes ${command} fail with code 3`, async () => {
      const { code, msg } = errorResult(await runPlugin(here.add('/run/netns/none', { command })));
      assert.equal(code, 3);
      assert.match(msg, /"\/run\/netns\/none"/);
    });

    it(`that is a regular file makes ${command} fail with code 8`, async () => {
      const path = `${here.directory()}/file`;
      writeFileSync(path, '');
      assert.equal(errorResult(await runPlugin(here.add(path, { command }))).code, 8);
    });
  }

  for (const path of ['/proc/self/ns/mnt', '/proc/self/ns/user', '/dev/null', '/tmp']) {
    it(`that is ${path} makes ADD fail with code 8`, async () => {
      assert.equal(errorResult(await runPlugin(here.add(path))).code, 8);
    });
  }

  it("that is the plugin's own makes ADD fail with code 8, and is not touched", () =>
    withNetns(async (netns) => {
      // As if the node were this netns.
      const through = ['nsenter', `--net=${netns.path}`, '--'];
      const before = await holdings(netns);
      for (const path of ['/proc/self/ns/net', netns.path]) {
        const outcome = await runPlugin(here.add(path), { through });
        const { code, msg } = errorResult(outcome);
        assert.equal(code, 8);
        assert.match(msg, /runtime's own/);
        await assertWholeOrNothing(netns, outcome, []);
      }
      assert.deepEqual(await holdings(netns), before);
    }));

  it('is recorded as failed where it cannot be used', () => {
    assert.equal(existsSync(here.stateDir()), true);
    assert.deepEqual([here.record()?.outcome, here.record()?.error?.code], ['failed', 8]);
  });
});
