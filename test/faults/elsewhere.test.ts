import assert from 'node:assert/strict';
import { programOf } from '../../cni/kernel/tools.ts';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { istioInitRules } from '../support/istioinit.ts';
import { runPlugin } from '../support/plugin.ts';
import { hasRoot, inNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const broken = 'echo "out of order" >&2; exit 1';

describe('an ADD that cannot look into the other backend', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  const looks = {
    'iptables-nft': { other: 'iptables-legacy', reader: 'iptables-legacy-save' },
    'iptables-legacy': { other: 'iptables-nft', reader: 'nft' },
  } as const;
  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const { other, reader } = looks[backend];
    it(`succeeds, and says so, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        const restore = [programOf(other, 'ipv4', 'restore'), '--noflush'];
        await inNetns(netns, restore, istioInitRules('ipv4'));
        const config = { backend, toolsDir: here.tools({ [reader]: broken }) };
        const outcome = await runPlugin(here.add(netns.path, { config }));
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        assert.match(here.record()?.warnings.join() ?? '', /the other backend .*: .*out of order/);
        for (const flag of ['-F', '-X']) await inNetns(netns, [other, '-t', 'nat', flag]);
        await assertWholeOrNothing(netns, outcome, whole);
      });
    });
  }
});
