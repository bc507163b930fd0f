import assert from 'node:assert/strict';
import { openSession } from '../../../cni/kernel/session.ts';
import { causes, CniError, ErrorCode } from '../../../cni/spec/error.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, inNetns, saved, scratchNetns } from '../../support/scratch.ts';

describe('applyRules() beside a rule that turns connection tracking off', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    describe(backend, () => {
      const netns = scratchNetns();

      it('fails, as nat would see nothing of the traffic, and leaves the rule', async () => {
        const command = `iptables${backend.slice('iptables'.length)}`;
        await inNetns(netns, [command, '-t', 'raw', '-A', 'OUTPUT', '-j', 'CT', '--notrack']);
        const deadlineAt = performance.now() + 10_000;
        const session = await openSession(netns.path, { backend, toolsDir: undefined, deadlineAt });
        try {
          await assert.rejects(session.apply(await rulesetsFor({})), (error) => {
            assert.ok(error instanceof CniError);
            assert.equal(error.code, ErrorCode.notApplied);
            assert.match(causes(error).join(), /table raw is not ours .*-j CT --notrack/);
            return true;
          });
          const { ipv4 } = await session.inspect();
          const raw = ipv4.tables.find(({ name }) => name === 'raw');
          assert.deepEqual(
            raw?.chains.flatMap(({ rules }) => rules),
            ['-j CT --notrack'],
          );
          assert.doesNotMatch(await saved(netns, backend), /sluice:/);
        } finally {
          session.close();
        }
      });
    });
  }
});
