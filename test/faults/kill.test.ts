import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

const seed = 20_261_123;
const rounds = 10;

describe('an ADD that is killed at any moment', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site({ annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } });

  for (const backend of ['iptables-nft', 'iptables-legacy']) {
    it(`is made good by the next ADD, and leaves no file behind, ${backend}, ${rounds} moments of seed ${seed}`, async () => {
      const { whole, ms } = await undisturbed(here, { backend });
      const moments = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), {
        numRuns: rounds,
        seed,
      });
      for (const moment of moments) {
        await withNetns(async (netns) => {
          const request = here.add(netns.path, { config: { backend } });
          const { kill, ended } = startPlugin(request);
          await sleep(moment * ms);
          kill('SIGKILL');
          await ended;
          const again = await runPlugin(request);
          assert.equal(again.exitCode, 0, `killed after ${moment * ms} ms: ${again.stdout}`);
          await assertWholeOrNothing(netns, again, whole);
        });
      }
      await runPlugin(here.add('', { command: 'DEL' }));
      const left = readdirSync(join(here.stateDir(), 'attachments'));
      assert.deepEqual(
        left.filter((name) => name.includes('container-1')),
        [],
      );
    });
  }
});
