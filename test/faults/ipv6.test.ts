import assert from 'node:assert/strict';
import {
  addInterface,
  assertWholeOrNothing,
  holdings,
  ours,
  withNetns,
} from '../support/holdings.ts';
import { programOf } from '../../cni/kernel/tools.ts';
import { writeSysctls } from '../support/netns.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

/** What iptables 1.8 says on a kernel without IPv6 tables, and how it ends. */
const refusals = {
  'iptables-nft': {
    restore: 'Could not fetch rule set generation id: Operation not supported',
    save: 'echo "Could not fetch rule set generation id: Operation not supported" >&2; exit 1',
  },
  'iptables-legacy': { restore: "unable to initialize table 'nat'", save: 'exit 0' },
} as const;

describe('an ADD where IPv6', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const plain = site();

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const refusal = refusals[backend];
    for (const interceptionMode of ['REDIRECT', 'TPROXY']) {
      describe(`is refused, ${backend}, ${interceptionMode}`, () => {
        const here = site({
          annotations: { 'sidecar.istio.io/interceptionMode': interceptionMode },
        });
        const config = (): Record<string, unknown> => ({
          backend,
          toolsDir: here.tools({
            [programOf(backend, 'ipv6', 'restore')]: `echo "${refusal.restore}" >&2; exit 1`,
            [programOf(backend, 'ipv6', 'save')]: refusal.save,
          }),
        });

        it('fails for a pod with a global IPv6 address, and leaves nothing in IPv4 either', () =>
          withNetns(async (netns) => {
            await addInterface(netns, ['10.1.0.2/16', '2001:db8::2/64']);
            const outcome = await runPlugin(here.add(netns.path, { config: config() }));
            const { code, details } = errorResult(outcome);
            assert.equal(code, 101, details);
            assert.ok(details.includes(refusal.restore), details);
            await assertWholeOrNothing(netns, outcome, []);
            assert.equal(here.record()?.outcome, 'failed');
          }));

        it('succeeds for a pod without one, and records that IPv6 has no rules', async () => {
          const { whole } = await undisturbed(here, { backend });
          await withNetns(async (netns) => {
            await addInterface(netns, ['10.1.0.2/16']);
            const outcome = await runPlugin(here.add(netns.path, { config: config() }));
            assert.equal(outcome.exitCode, 0, outcome.stdout);
            const { families, warnings = [] } = here.record() ?? {};
            assert.deepEqual(families, ['ipv4']);
            assert.match(warnings.join(), /^IPv6 is not redirected: /);
            assert.ok(warnings[0]?.includes(refusal.restore), warnings[0]);
            const held = ours(await holdings(netns));
            assert.deepEqual(rulesOf(held, 'ip '), rulesOf(whole, 'ip '));
            assert.deepEqual(rulesOf(held, 'ip6 '), []);
          });
        });
      });
    }

    it(`is off in the netns succeeds with rules of both families, ${backend}`, async () => {
      const { whole } = await undisturbed(plain, { backend });
      await withNetns(async (netns) => {
        await addInterface(netns, ['10.1.0.2/16']);
        await writeSysctls(netns, {
          'net/ipv6/conf/all/disable_ipv6': '1',
          'net/ipv6/conf/lo/disable_ipv6': '1',
        });
        const outcome = await runPlugin(plain.add(netns.path, { config: { backend } }));
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        const held = ours(await holdings(netns));
        assert.deepEqual(rulesOf(held, 'ip'), rulesOf(whole, 'ip'));
      });
    });
  }
});

function rulesOf(lines: readonly string[], place: string): string[] {
  return lines.filter((line) => line.startsWith(place));
}
