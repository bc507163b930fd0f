import assert from 'node:assert/strict';

import { openSession, type Session } from '../../../cni/kernel/session.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { hasRoot, scratchNetns, saved } from '../../support/scratch.ts';
import { rulesetsFor } from '../../support/plans.ts';

const TPROXY = {
  'sidecar.istio.io/interceptionMode': 'TPROXY',
  'traffic.sidecar.istio.io/excludeOutboundPorts': '5432',
};

describe('applyRules() in a real netns', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    describe(backend, () => {
      const netns = scratchNetns();
      const using = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
        const session = await openSession(netns.path, options(backend));
        try {
          return await work(session);
        } finally {
          session.close();
        }
      };

      it('programs both families and reports nothing odd', async () => {
        const rulesets = await rulesetsFor({ annotations: TPROXY, dns: true });
        const applied = await using((session) => session.apply(rulesets));
        assert.deepEqual(applied, { families: ['ipv4', 'ipv6'], warnings: [] });
        const { ipv6 } = await using((session) => session.inspect());
        assert.deepEqual(
          [ipv6.routes.address, ipv6.routes.rule, ipv6.routes.route],
          [true, true, true],
        );
      });

      it('changes nothing the second time', async () => {
        const rulesets = await rulesetsFor({ annotations: TPROXY, dns: true });
        const once = await saved(netns, backend);
        assert.match(once, /sluice:/);
        const applied = await using((session) => session.apply(rulesets));
        assert.deepEqual(applied.warnings, []);
        assert.equal(await saved(netns, backend), once);
      });

      it('replaces other rules of ours, also in tables that it does not need', async () => {
        await using(async (session) => session.apply(await rulesetsFor({})));
        const replaced = await saved(netns, backend);
        await using((session) => session.undo());
        await using(async (session) => session.apply(await rulesetsFor({})));
        assert.equal(rules(replaced), rules(await saved(netns, backend)));
        const { ipv4, ipv6 } = await using((session) => session.inspect());
        assert.deepEqual([ipv4.routes.rule, ipv6.routes.rule], [false, false]);
      });

      it('leaves nothing behind when undone', async () => {
        await using((session) => session.undo());
        assert.equal(rules(await saved(netns, backend)), '');
        const { ipv4, ipv6 } = await using((session) => session.inspect());
        const { address, rule, route } = ipv6.routes;
        assert.deepEqual([ipv4.routes.rule, address, rule, route], [false, false, false, false]);
      });
    });
  }
});

function options(backend: Backend): Parameters<typeof openSession>[1] {
  return { backend, toolsDir: undefined, deadlineAt: performance.now() + 20_000 };
}

/** Only what a packet may meet. */
function rules(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('-A'))
    .join('\n');
}
