import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

// For this process and its children alone, the lock of the whole machine is a file of ours, and held.
const HELD = `
touch /run/xtables.lock && mount --bind "$1" /run/xtables.lock && exec 9</run/xtables.lock && flock --exclusive 9 &&
shift && exec 9<&9 "$@"`;

describe('an ADD while somebody holds /run/xtables.lock', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const through = (): string[] => {
    const lock = join(here.directory(), `lock-${process.hrtime.bigint()}`);
    writeFileSync(lock, '');
    return ['unshare', '--mount', 'sh', '-c', HELD, 'sh', lock];
  };

  it('would have to wait if it took that lock', () =>
    withNetns(async (netns) => {
      const [file, ...args] = [...through(), 'nsenter', `--net=${netns.path}`];
      const { exitCode } = await execa(file, [...args, 'iptables-legacy', '--wait', '1', '-S'], {
        reject: false,
      });
      assert.equal(exitCode, 4);
    }));

  for (const backend of ['iptables-nft', 'iptables-legacy']) {
    it(`does not wait for it, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        const request = here.add(netns.path, { config: { backend } });
        const outcome = await runPlugin(request, { through: through() });
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        await assertWholeOrNothing(netns, outcome, whole);
      });
    });
  }
});
