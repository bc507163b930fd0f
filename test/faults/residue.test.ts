import assert from 'node:assert/strict';
import { programOf } from '../../cni/kernel/tools.ts';
import { assertWholeOrNothing, holdings, ours, withNetns } from '../support/holdings.ts';
import { istioInitRules } from '../support/istioinit.ts';
import { type Netns } from '../support/netns.ts';
import { logged, runPlugin } from '../support/plugin.ts';
import { hasRoot, inNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const backends = ['iptables-nft', 'iptables-legacy'] as const;
type Backend = (typeof backends)[number];

const foreign = `*nat
:KUBE-MARK - [0:0]
-A OUTPUT -p tcp -m tcp --dport 9999 -m comment --comment "somebody's, \\"quoted\\"" -j KUBE-MARK
-A KUBE-MARK -j MARK --set-xmark 0x4000/0x4000
COMMIT
*filter
-A INPUT -p tcp -m tcp --dport 23 -j DROP
COMMIT
`;

describe('an ADD over', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  for (const backend of backends) {
    const other = backend === 'iptables-nft' ? 'iptables-legacy' : 'iptables-nft';

    it(`the rules of an istio-init replaces them, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        await restoreIstioInit(netns, backend);
        const outcome = await runPlugin(here.add(netns.path, { config: { backend } }));
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        await assertWholeOrNothing(netns, outcome, whole);
        assert.deepEqual(here.record()?.warnings, []);
      });
    });

    it(`its own rules in the other backend moves them, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        for (const each of [other, backend]) {
          const outcome = await runPlugin(here.add(netns.path, { config: { backend: each } }));
          assert.equal(outcome.exitCode, 0, outcome.stdout);
          if (each === backend) await assertWholeOrNothing(netns, outcome, whole);
        }
      });
    });

    it(`the rules of an istio-init in the other backend replaces and reports them, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        await restoreIstioInit(netns, other);
        const outcome = await runPlugin(here.add(netns.path, { config: { backend } }));
        await assertWholeOrNothing(netns, outcome, whole);
        const [warning = ''] = here.record()?.warnings ?? [];
        assert.match(warning, new RegExp(`^rules of a mesh were also in ${other}.*removed$`));
        assert.ok(logged(outcome).some(({ warnings }) => String(warnings).includes(warning)));
      });
    });

    it(`foreign rules keeps them, and reports them, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        await restore(netns, backend, 'ipv4', foreign);
        const before = await holdings(netns);
        assert.equal(before.length, 4);
        const outcome = await runPlugin(here.add(netns.path, { config: { backend } }));
        await assertWholeOrNothing(netns, outcome, whole);
        const after = await holdings(netns);
        assert.deepEqual(foreignOf(after), before);
        const warnings = here.record()?.warnings ?? [];
        assert.match(warnings.join('\n'), /a rule of somebody else stays in nat OUTPUT: .*9999/);

        const again = await runPlugin(here.add(netns.path, { config: { backend } }));
        assert.equal(again.exitCode, 0, again.stdout);
        assert.deepEqual(await holdings(netns), after);
      });
    });

    it(`foreign rules keeps them when it fails, ${backend}`, () =>
      withNetns(async (netns) => {
        await restore(netns, backend, 'ipv4', foreign);
        const before = await holdings(netns);
        const through = ['sh', '-c', 'exec "$@" >/dev/full', 'sh'];
        const request = here.add(netns.path, { config: { backend } });
        const outcome = await runPlugin(request, { through });
        await assertWholeOrNothing(netns, outcome, []);
        assert.deepEqual(await holdings(netns), before);
      }));
  }
});

async function restoreIstioInit(netns: Netns, backend: Backend): Promise<void> {
  for (const family of ['ipv4', 'ipv6'] as const) {
    await restore(netns, backend, family, istioInitRules(family));
  }
}

async function restore(
  netns: Netns,
  backend: Backend,
  family: 'ipv4' | 'ipv6',
  input: string,
): Promise<void> {
  await inNetns(netns, [programOf(backend, family, 'restore'), '--noflush'], input);
}

function foreignOf(lines: readonly string[]): string[] {
  const held = ours(lines);
  return lines.filter((line) => !held.includes(line));
}
