import assert from 'node:assert/strict';
import { addInterface, assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

describe('an ADD without its tools', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const none = { 'iptables-nft-restore': undefined, 'iptables-legacy-restore': undefined };

  const missing: Record<
    string,
    { tools: Record<string, undefined>; says: RegExp; backend?: string }
  > = {
    'any iptables': { tools: none, says: /iptables-nft-restore or iptables-legacy-restore/ },
    nsenter: { tools: { nsenter: undefined }, says: /nsenter/ },
    ip: { tools: { ip: undefined }, says: /find ip / },
    'the backend that is configured': {
      tools: { 'iptables-legacy-restore': undefined },
      says: /iptables-legacy-restore/,
      backend: 'iptables-legacy',
    },
  };
  for (const [name, { tools, says, backend = 'auto' }] of Object.entries(missing)) {
    it(`fails for want of ${name}, and says where it looked`, () =>
      withNetns(async (netns) => {
        const toolsDir = here.tools(tools);
        const outcome = await runPlugin(here.add(netns.path, { config: { toolsDir, backend } }));
        const { code, msg } = errorResult(outcome);
        assert.equal(code, 103, outcome.stdout);
        assert.match(msg, says);
        assert.ok(msg.includes(toolsDir), msg);
        await assertWholeOrNothing(netns, outcome, []);
      }));
  }

  it("fails for want of IPv6's where the pod has an address to leak from", () =>
    withNetns(async (netns) => {
      await addInterface(netns, ['2001:db8::2/64']);
      const toolsDir = here.tools({ 'ip6tables-nft-restore': undefined });
      const outcome = await runPlugin(here.add(netns.path, { config: { toolsDir } }));
      const { code, details } = errorResult(outcome);
      assert.deepEqual(
        [code, /cannot find (\S+)/.exec(details)?.[1]],
        [101, 'ip6tables-nft-restore'],
      );
      await assertWholeOrNothing(netns, outcome, []);
    }));

  it('takes iptables-legacy where iptables-nft is not', async () => {
    const { whole } = await undisturbed(here, { backend: 'iptables-legacy' });
    await withNetns(async (netns) => {
      const toolsDir = here.tools({ 'iptables-nft-restore': undefined });
      const outcome = await runPlugin(here.add(netns.path, { config: { toolsDir } }));
      assert.equal(outcome.exitCode, 0, outcome.stdout);
      assert.equal(here.record()?.backend, 'iptables-legacy');
      await assertWholeOrNothing(netns, outcome, whole);
    });
  });
});
