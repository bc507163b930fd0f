import assert from 'node:assert/strict';
import { openSession } from '../../../cni/kernel/session.ts';
import { hasOurs } from '../../../cni/rules/ours.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { realProgram, site } from '../../support/site.ts';

describe('applyRules() where the kernel takes some tables of IPv6 only', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const here = site();

  it('leaves none of them behind when it goes without IPv6', async () => {
    const restore = realProgram('ip6tables-nft-restore');
    // As on a kernel without NAT for IPv6: what stands before the first *nat is taken, then it is refused.
    const script = `
      input=$(cat)
      before=$(echo "$input" | sed '/^\\*nat/,$d')
      echo "$before" | ${restore} "$@" || exit
      [ "$input" = "$before" ] || { echo "unable to initialize table 'nat'" >&2; exit 1; }`;
    const toolsDir = here.tools({ 'ip6tables-nft-restore': script });
    const deadlineAt = performance.now() + 10_000;
    const session = await openSession(netns.path, { backend: 'auto', toolsDir, deadlineAt });
    try {
      const annotations = { 'sidecar.istio.io/interceptionMode': 'TPROXY' };
      const { families, warnings } = await session.apply(await rulesetsFor({ annotations }));
      assert.deepEqual(families, ['ipv4']);
      assert.match(warnings.join('\n'), /^IPv6 is not redirected: [^\n]+$/);
      const { ipv4, ipv6 } = await session.inspect();
      assert.deepEqual([hasOurs(ipv4.tables), hasOurs(ipv6.tables)], [true, false]);
    } finally {
      session.close();
    }
  });
});
