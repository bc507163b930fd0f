import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertWholeOrNothing, settle, withNetns } from '../support/holdings.ts';
import { killAtStop, letGo, type Moment, stopping } from '../support/killer.ts';
import { type Netns } from '../support/netns.ts';
import { runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const moments: readonly Moment[] = ['starts', 'has been told all', 'has ended'];
const programs = ['iptables-nft-restore', 'ip6tables-nft-restore', 'ip'];
type Call = readonly [program: string, nth: number];

describe('an ADD that is killed when its child', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const older = site({ annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } });
  let whole: readonly string[];
  before(async () => {
    ({ whole } = await undisturbed(here));
  });

  for (const program of programs) {
    for (const moment of moments) {
      it(`${program} ${moment} is made good by the next`, () =>
        withNetns(async (netns) => {
          await assertMadeGood(netns, [program, 1], moment);
        }));
    }

    it(`${program} has been told all is made good by the next, which is quicker than that child`, () =>
      withNetns(async (netns) => {
        await assertMadeGood(netns, [program, 1], 'has been told all', { letGoFirst: false });
      }));
  }

  // What was there is refused the first time, looked at, and replaced.
  for (const family of ['iptables', 'ip6tables']) {
    const calls: readonly (readonly [...Call, Moment])[] = [
      [`${family}-nft-restore`, 1, 'has ended'],
      [`${family}-nft-save`, 1, 'has ended'],
      [`${family}-nft-restore`, 2, 'has been told all'],
      [`${family}-nft-restore`, 2, 'has ended'],
    ];
    for (const [program, nth, moment] of calls) {
      for (const letGoFirst of moment === 'has been told all' ? [true, false] : [true]) {
        const also = letGoFirst ? '' : ', which is quicker than that child';
        it(`${program} ${moment}, call ${nth} over other rules, is made good by the next${also}`, () =>
          withNetns(async (netns) => {
            assert.equal((await runPlugin(older.add(netns.path))).exitCode, 0);
            await assertMadeGood(netns, [program, nth], moment, { letGoFirst });
          }));
      }
    }
  }

  async function assertMadeGood(
    netns: Netns,
    [program, nth]: Call,
    moment: Moment,
    { letGoFirst = true } = {},
  ): Promise<void> {
    const trace = join(here.directory(), `trace-${process.hrtime.bigint()}`);
    const toolsDir = here.tools({ [program]: stopping(program, nth, moment, trace) });
    await killAtStop(startPlugin(here.add(netns.path, { config: { toolsDir } })), trace);
    if (letGoFirst) {
      letGo(trace);
      await settle(netns);
    }
    const next = await runPlugin(here.add(netns.path));
    letGo(trace);
    assert.equal(next.exitCode, 0, next.stdout);
    await assertWholeOrNothing(netns, next, whole);
  }
});
