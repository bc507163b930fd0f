import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openSession } from '../../../cni/kernel/session.ts';
import { programOf } from '../../../cni/kernel/tools.ts';
import { holdings } from '../../support/holdings.ts';
import { type Netns } from '../../support/netns.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { realProgram, site } from '../../support/site.ts';

const TPROXY = { 'sidecar.istio.io/interceptionMode': 'TPROXY' };

describe('applyRules() while a program of a killed ADD goes on', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const [netns, alone] = [scratchNetns(), scratchNetns()];
      const apply = async ({ path }: Netns, toolsDir?: string, annotations = {}) => {
        const deadlineAt = performance.now() + 50_000;
        const session = await openSession(path, { backend, toolsDir, deadlineAt });
        try {
          return await session.apply(await rulesetsFor({ annotations }));
        } finally {
          session.close();
        }
      };

      it(`replaces what came after its look, ${backend}, ${family}`, async () => {
        const restore = programOf(backend, family, 'restore');
        const other = realProgram(programOf(backend, family, '').replace(/-$/, ''));
        const trace = join(here.directory(), `${restore}-calls`);
        // The first call is refused as something is there, and the second is to replace what was seen of it.
        const script = `
          echo >>'${trace}'
          [ "$(wc -l <'${trace}')" -ne 2 ] || ${other} -t nat -F OUTPUT
          exec ${realProgram(restore)} "$@"`;
        await apply(netns, undefined, TPROXY);
        const { families } = await apply(netns, here.tools({ [restore]: script }));
        assert.deepEqual(families, ['ipv4', 'ipv6']);
        await apply(alone);
        assert.deepEqual(await holdings(netns), await holdings(alone));
      });
    }
  }
});
