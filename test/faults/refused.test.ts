import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  addInterface,
  assertWholeOrNothing,
  holdings,
  ours,
  withNetns,
} from '../support/holdings.ts';
import { type Netns } from '../support/netns.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { realProgram, site } from '../support/site.ts';

const dns = { env: { ISTIO_META_DNS_CAPTURE: 'true' } };

describe('an ADD whose restore is refused', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const older = site(dns);

  for (const family of ['iptables', 'ip6tables'] as const) {
    it(`by ${family} fails, and leaves nothing in either family`, () =>
      withPod(async (netns) => {
        await assertUndone(netns, { [`${family}-nft-restore`]: 'exit 2' });
      }));

    it(`by ${family} over older rules fails, and leaves nothing of ours`, () =>
      withPod(async (netns) => {
        assert.equal((await runPlugin(older.add(netns.path))).exitCode, 0);
        // It refuses what is to be programmed, and takes what undoes.
        const tools = {
          [`${family}-nft-restore`]: numbered(`${family}-nft-restore`, '[ $n -gt 2 ]'),
        };
        await assertUndone(netns, tools);
      }));

    it(`by ${family}, and whose undoing is refused too, says that something is left`, () =>
      withPod(async (netns) => {
        const other = family === 'iptables' ? 'ip6tables' : 'iptables';
        const tools = here.tools({
          [`${family}-nft-restore`]: 'echo "refused for good" >&2; exit 2',
          [`${other}-nft-restore`]: numbered(`${other}-nft-restore`, '[ $n -eq 1 ]'),
        });
        const config = { toolsDir: tools };
        const { code, msg, details } = errorResult(
          await runPlugin(here.add(netns.path, { config })),
        );
        assert.equal(code, 102, details);
        assert.match(msg, /nor remove/);
        assert.match(details, /refused for good/);
        assert.notDeepEqual(ours(await holdings(netns)), []);
        assert.equal(here.record()?.error?.code, 102);

        const again = await runPlugin(here.add(netns.path));
        assert.equal(again.exitCode, 0, again.stdout);
      }));
  }

  const withPod = (work: (netns: Netns) => Promise<void>): Promise<void> =>
    withNetns(async (netns) => {
      await addInterface(netns, ['10.1.0.2/16', '2001:db8::2/64']);
      await work(netns);
    });

  async function assertUndone(
    netns: Netns,
    tools: Readonly<Record<string, string>>,
  ): Promise<void> {
    const request = here.add(netns.path, { config: { toolsDir: here.tools(tools) } });
    const outcome = await runPlugin(request);
    const { code, msg, details } = errorResult(outcome);
    assert.equal(code, 101, details);
    assert.match(msg, /nothing of it was left behind/);
    await assertWholeOrNothing(netns, outcome, []);
  }

  /** A script that does its work where `isGood` holds for `$n`, its call's number, and refuses elsewhere. */
  function numbered(program: string, isGood: string): string {
    const trace = join(here.directory(), `${program}-${process.hrtime.bigint()}`);
    return [
      `echo >>'${trace}'; n=$(wc -l <'${trace}')`,
      `if ${isGood}; then exec '${realProgram(program)}' "$@"; fi`,
      'cat >/dev/null; echo "refused the ${n}th time" >&2; exit 2',
    ].join('\n');
  }
});
