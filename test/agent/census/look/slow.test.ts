import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { type Eyes, openEyes } from '../../../../agent/census/look/look.ts';
import { type Holdings } from '../../../../agent/census/look/read.ts';
import { openSlowEyes } from '../../../../agent/census/look/slow.ts';
import { closeNetns, openNetns } from '../../../../cni/kernel/netns.ts';
import { doubleRules } from '../../../support/held.ts';
import { addInterface, withNetns } from '../../../support/holdings.ts';
import { type Netns } from '../../../support/netns.ts';
import { hasRoot, inNetns } from '../../../support/scratch.ts';
import { redirect } from '../ground.ts';

const TPROXY = { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } };

describe('openSlowEyes()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const look = async (eyes: Eyes, { path }: Netns): Promise<Holdings> => {
    const netns = openNetns(path);
    try {
      return await eyes.look(netns);
    } finally {
      closeNetns(netns);
    }
  };
  const cases: Record<string, (netns: Netns) => Promise<unknown>> = {
    'a netns without anything': async () => undefined,
    'a redirected one': (netns) => redirect(netns),
    'one in TPROXY mode': (netns) => redirect(netns, TPROXY),
    'one with a global address': async (netns) => {
      await addInterface(netns, ['2001:db8::5/64']);
      await redirect(netns);
    },
    'one redirected by the other backend': (netns) => redirect(netns, {}, 'iptables-legacy'),
    'one redirected by both': async (netns) => {
      await redirect(netns);
      await doubleRules(netns);
    },
    'one of a single family': async (netns) => {
      await redirect(netns);
      await inNetns(netns, ['nft', 'delete', 'table', 'ip6', 'nat']);
    },
  };
  for (const [what, prepare] of Object.entries(cases)) {
    it(`sees of ${what} what quick ones see`, () =>
      withNetns(async (netns) => {
        await prepare(netns);
        const quick = openEyes([tmpdir(), '/run', '/dev/shm'], { toolsDir: undefined });
        const slow = openSlowEyes({ toolsDir: undefined });
        assert.deepEqual(await look(slow, netns), await look(quick, netns));
      }));
  }
});
