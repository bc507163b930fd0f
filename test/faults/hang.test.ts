import assert from 'node:assert/strict';
import { addInterface, assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

describe('an ADD whose child hangs', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  const hanging = {
    'a restore, with a child of its own': {
      tools: { 'iptables-nft-restore': 'sleep 1000 & wait' },
      code: 101,
    },
    // Without it nobody can tell whether routes are left.
    ip: { tools: { ip: 'exec sleep 1000' }, code: 102 },
  };
  for (const [name, { tools, code }] of Object.entries(hanging)) {
    it(`ends, with nothing of ours left and no process: ${name}`, () =>
      withNetns(async (netns) => {
        await addInterface(netns, ['10.1.0.2/16', '2001:db8::2/64']);
        const config = { toolsDir: here.tools(tools), deadlineMs: 1_500 };
        const outcome = await runPlugin(here.add(netns.path, { config }));
        const result = errorResult(outcome);
        assert.equal(result.code, code, result.details);
        assert.match(result.details, /no end within \d+ ms|ended by SIGKILL/);
        // It waits for the last process; whoever was not killed sleeps on.
        await assertWholeOrNothing(netns, outcome, []);
      }));
  }

  it('before it is needed does not wait for it', () =>
    withNetns(async (netns) => {
      const config = {
        toolsDir: here.tools({ ip: 'exec sleep 1000' }),
        agentSocket: '/nonexistent',
        deadlineMs: 100,
      };
      const outcome = await runPlugin(here.add(netns.path, { config }));
      assert.equal(errorResult(outcome).code, 11);
      await assertWholeOrNothing(netns, outcome, []);
    }));
});
