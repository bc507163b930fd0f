import assert from 'node:assert/strict';
import { programOf } from '../../cni/kernel/tools.ts';
import {
  addInterface,
  assertWholeOrNothing,
  holdings,
  ours,
  withNetns,
} from '../support/holdings.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { realProgram, site } from '../support/site.ts';

/** A restore on a kernel that has the table raw of IPv6, and not its nat. */
function withoutNat(program: string): string {
  return [
    'input=$(cat)',
    `printf '%s\\n' "$input" | sed '/^\\*nat/,/^COMMIT/d' | '${realProgram(program)}' "$@" || exit`,
    `case $input in *'*nat'*) echo "unable to initialize table 'nat'" >&2; exit 1;; esac`,
  ].join('\n');
}

describe('an ADD where the kernel takes half of the tables of IPv6', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site({ env: { ISTIO_META_DNS_CAPTURE: 'true' } });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const program = programOf(backend, 'ipv6', 'restore');
    const config = (): object => ({
      backend,
      toolsDir: here.tools({ [program]: withoutNat(program) }),
    });

    it(`fails for a pod with a global IPv6 address, and leaves nothing, ${backend}`, () =>
      withNetns(async (netns) => {
        await addInterface(netns, ['10.1.0.2/16', '2001:db8::2/64']);
        const outcome = await runPlugin(here.add(netns.path, { config: { ...config() } }));
        assert.equal(errorResult(outcome).code, 101, outcome.stdout);
        await assertWholeOrNothing(netns, outcome, []);
      }));

    it(`succeeds for a pod without one, and leaves no half of IPv6, ${backend}`, () =>
      withNetns(async (netns) => {
        await addInterface(netns, ['10.1.0.2/16']);
        const outcome = await runPlugin(here.add(netns.path, { config: { ...config() } }));
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        const { families, warnings = [] } = here.record() ?? {};
        assert.deepEqual([families, warnings.length], [['ipv4'], 1]);
        const held = ours(await holdings(netns));
        assert.ok(held.some((line) => line.startsWith('ip ')));
        assert.deepEqual(
          held.filter((line) => line.startsWith('ip6 ')),
          [],
        );
        const check = here.add(netns.path, { command: 'CHECK', config: { backend } });
        assert.equal((await runPlugin(check)).exitCode, 0);
      }));
  }
});
