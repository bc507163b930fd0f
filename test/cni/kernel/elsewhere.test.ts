import assert from 'node:assert/strict';
import { openSession } from '../../../cni/kernel/session.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { holdings, withNetns } from '../../support/holdings.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';

describe('clearElsewhere()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const clean = scratchNetns();
  const here = site();

  const cases: [backend: Backend, change: Record<string, string | undefined>, why: RegExp][] = [
    [
      'iptables-legacy',
      { nft: 'echo "cache initialization failed: Operation not supported" >&2; exit 1' },
      /Operation not supported/,
    ],
    ['iptables-nft', { 'iptables-legacy-save': undefined }, /cannot find iptables-legacy-save/],
  ];
  for (const [backend, change, why] of cases) {
    it(`tells that what is beside ${backend} cannot be looked at, and fails nobody for it`, async () => {
      await inNetns(netns, ['iptables-legacy', '-t', 'nat', '-n', '-L']);
      const toolsDir = here.tools(change);
      const deadlineAt = performance.now() + 10_000;
      const session = await openSession(netns.path, { backend, toolsDir, deadlineAt });
      try {
        const { families, warnings } = await session.apply(await rulesetsFor({}));
        assert.deepEqual(families, ['ipv4', 'ipv6']);
        const [told = '', ...more] = warnings;
        assert.deepEqual(more, []);
        assert.match(told, /^cannot keep the other backend free of rules of a mesh: /);
        assert.match(told, why);
        await session.undo();
      } finally {
        session.close();
      }
    });
  }

  it('takes away what TPROXY needed with its rules in the other backend', () =>
    withNetns(async (other) => {
      const { path } = other;
      for (const [backend, mode] of [
        ['iptables-nft', 'TPROXY'],
        ['iptables-legacy', 'REDIRECT'],
      ] as const) {
        const deadlineAt = performance.now() + 10_000;
        const session = await openSession(path, { backend, toolsDir: undefined, deadlineAt });
        const annotations = { 'sidecar.istio.io/interceptionMode': mode };
        try {
          await session.apply(await rulesetsFor({ annotations }));
        } finally {
          session.close();
        }
        const routes = (await holdings(other)).filter((line) => /fwmark|local default/.test(line));
        assert.equal(routes.length, mode === 'TPROXY' ? 4 : 0);
      }
    }));

  it('tells of rules of a mesh that iptables-legacy holds for IPv6 only', async () => {
    await inNetns(clean, ['ip6tables-legacy', '-t', 'nat', '-N', 'ISTIO_OUTPUT']);
    const deadlineAt = performance.now() + 10_000;
    const options = { backend: 'iptables-nft', toolsDir: undefined, deadlineAt } as const;
    const session = await openSession(clean.path, options);
    try {
      const { warnings } = await session.apply(await rulesetsFor({}));
      assert.match(warnings.join(), /rules of a mesh were also in iptables-legacy/);
      await session.undo();
    } finally {
      session.close();
    }
  });
});
