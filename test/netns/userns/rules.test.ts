import assert from 'node:assert/strict';
import { openSession, type Session } from '../../../cni/kernel/session.ts';
import { type Backend, programOf } from '../../../cni/kernel/tools.ts';
import { compare } from '../../../cni/rules/compare.ts';
import { hasOurs } from '../../../cni/rules/ours.ts';
import { heldRules } from '../../support/held.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { inOwner, scratchOwnedNetns } from '../../support/userns.ts';

const TPROXY = { 'sidecar.istio.io/interceptionMode': 'TPROXY' };
const cases = [
  { mode: 'REDIRECT', annotations: {}, mapped: 'before' },
  { mode: 'REDIRECT', annotations: {}, mapped: 'after' },
  { mode: 'TPROXY', annotations: TPROXY, mapped: 'after' },
] as const;

describe('a netns that belongs to another user namespace', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    for (const { mode, annotations, mapped } of cases) {
      describe(`${backend}, ${mode}, users mapped ${mapped} it was made`, () => {
        const [owned, ours] = [scratchOwnedNetns({ mapped }), scratchNetns()];
        const rulesets = () => rulesetsFor({ annotations, dns: true });
        const using = <T>(work: (session: Session) => Promise<T>) =>
          inSession(owned.path, backend, work);

        it('is programmed as one of ours is', async () => {
          for (const { path } of [owned, ours]) {
            const applied = await inSession(path, backend, async (s) => s.apply(await rulesets()));
            assert.deepEqual(applied, { families: ['ipv4', 'ipv6'], warnings: [] });
          }
          assert.deepEqual(await heldRules(owned, backend), await heldRules(ours, backend));
        });

        it('is not changed the second time', async () => {
          const once = await heldRules(owned, backend);
          await using(async (session) => session.apply(await rulesets()));
          assert.deepEqual(await heldRules(owned, backend), once);
        });

        it('can be read from outside', async () => {
          const { ipv4, ipv6 } = await rulesets();
          const found = await using((session) => session.inspect());
          assert.equal(compare(ipv4, found.ipv4.tables), undefined);
          assert.equal(compare(ipv6, found.ipv6.tables), undefined);
          assert.equal(found.ipv6.routes.route, mode === 'TPROXY');
        });

        it('keeps nothing when undone but the rules of others', async () => {
          const input = '*nat\n-A OUTPUT -m owner --uid-owner 7 -j ACCEPT\nCOMMIT\n';
          const restore = programOf(backend, 'ipv4', 'restore');
          await inOwner(owned, [`/usr/sbin/${restore}`, '--noflush'], { input });
          await using((session) => session.undo());
          const { ipv4, ipv6 } = await using((session) => session.inspect());
          assert.deepEqual(
            [ipv4, ipv6].map(({ tables, routes }) => [hasOurs(tables), routes.rule, routes.route]),
            [
              [false, false, false],
              [false, false, false],
            ],
          );
          assert.deepEqual(await heldRules(owned, backend), [
            '-A OUTPUT -m owner --uid-owner 7 -j ACCEPT',
          ]);
        });
      });
    }
  }
});

async function inSession<T>(
  path: string,
  backend: Backend,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const deadlineAt = performance.now() + 30_000;
  const session = await openSession(path, { backend, toolsDir: undefined, deadlineAt });
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
