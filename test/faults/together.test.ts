import assert from 'node:assert/strict';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { type Netns } from '../support/netns.ts';
import { errorResult, runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

describe('ADDs at once', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site({ annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } });
  const older = site({ env: { ISTIO_META_DNS_CAPTURE: 'true' } });

  for (const backend of ['iptables-nft', 'iptables-legacy']) {
    it(`on one netns leave the usual rules once, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        const request = here.add(netns.path, { config: { backend } });
        const outcomes = await Promise.all([1, 2, 3].map(() => runPlugin(request)));
        for (const outcome of outcomes) await assertWholeOrNothing(netns, outcome, whole);
        assert.deepEqual(
          outcomes.map(({ exitCode }) => exitCode),
          [0, 0, 0],
        );
      });
    });
  }

  it('on one netns of two minds leave the rules of the one or the other', () =>
    withNetns(async (netns) => {
      const wholes = [(await undisturbed(here)).whole, (await undisturbed(older)).whole];
      const [one, other] = await Promise.all(
        [here, older].map(({ add }) => runPlugin(add(netns.path))),
      );
      assert.deepEqual([one?.exitCode, other?.exitCode], [0, 0]);
      const outcomes = await Promise.allSettled(
        wholes.map(async (whole) => {
          if (one) await assertWholeOrNothing(netns, one, whole);
        }),
      );
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    }));

  it('on 20 netns are all served', async () => {
    const { whole } = await undisturbed(here);
    // How long they take together is the machine's affair; one that waited for another for good would be killed.
    const config = { deadlineMs: 200_000 };
    await withMany(20, async (all) => {
      const outcomes = await Promise.all(
        all.map(({ path, name }) => runPlugin(here.add(path, { containerId: name, config }))),
      );
      for (const [index, netns] of all.entries()) {
        const outcome = outcomes[index];
        assert.equal(outcome?.exitCode, 0, outcome?.stdout);
        await assertWholeOrNothing(netns, outcome, whole);
        assert.equal(here.record(netns.name)?.outcome, 'redirected');
      }
    });
  });

  it('waits for whoever programs the netns no longer than its deadline', () =>
    withNetns(async (netns) => {
      const toolsDir = here.tools({ 'iptables-nft-restore': 'exec sleep 1000' });
      const config = { toolsDir, deadlineMs: 200_000 };
      const { kill, ended } = startPlugin(here.add(netns.path, { config }));
      const request = here.add(netns.path, { config: { deadlineMs: 1_000 } });
      // Until the first has the lock, one that comes may be quicker.
      let outcome = await runPlugin(request);
      while (!outcome.stdout.includes('another process holds its lock')) {
        outcome = await runPlugin(request);
      }
      assert.equal(errorResult(outcome).code, 11);
      kill('SIGKILL');
      await ended;
    }));
});

async function withMany(
  count: number,
  work: (all: readonly Netns[]) => Promise<void>,
): Promise<void> {
  const more = (all: readonly Netns[]): Promise<void> =>
    all.length === count ? work(all) : withNetns((netns) => more([...all, netns]));
  await more([]);
}
