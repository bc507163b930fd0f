import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { logged, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

describe('an ADD whose state directory', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  let whole: readonly string[];
  before(async () => {
    ({ whole } = await undisturbed(here));
    mkdirSync(here.stateDir(), { recursive: true });
    writeFileSync(`${here.directory()}/file`, '');
  });

  const disks: Record<string, { mount: string; reason: RegExp }> = {
    'lies on a full disk': { mount: '-o size=8k', reason: /the file system is full/ },
    'lies on a disk without a free inode': {
      mount: '-o nr_inodes=2',
      reason: /the file system is full/,
    },
    'is read-only': { mount: '-o ro', reason: /the file system is read-only/ },
  };
  for (const [name, { mount, reason }] of Object.entries(disks)) {
    it(`${name} redirects without a record, and says so`, async () => {
      // The tmpfs lies over the state directory for this one process, and goes with it.
      const script = `mount -t tmpfs ${mount} tmpfs "$1" && shift && exec "$@"`;
      const through = ['unshare', '--mount', 'sh', '-c', script, 'sh', here.stateDir()];
      await assertUnrecorded({ containerId: 'full' }, reason, through);
    });
  }

  const paths: Record<string, { under: string; reason: RegExp }> = {
    'is a file': { under: 'file', reason: /a part of the path is not a directory/ },
    'lies in a file': { under: 'file/state', reason: /a part of the path is not a directory/ },
  };
  for (const [name, { under, reason }] of Object.entries(paths)) {
    it(`${name} redirects without a record, and says so`, async () => {
      const config = { stateDir: `${here.directory()}/${under}` };
      await assertUnrecorded({ config }, reason);
    });
  }

  it('is not there yet is made, for root alone', () =>
    withNetns(async (netns) => {
      const stateDir = `${here.directory()}/new/state`;
      const { exitCode } = await runPlugin(here.add(netns.path, { config: { stateDir } }));
      assert.equal(exitCode, 0);
      const modes = ['', '/container-1-eth0.json'].map(
        (path) => statSync(`${stateDir}/attachments${path}`).mode & 0o777,
      );
      assert.deepEqual(modes, [0o700, 0o600]);
    }));

  async function assertUnrecorded(
    changes: Parameters<typeof here.add>[1],
    reason: RegExp,
    through: readonly string[] = [],
  ): Promise<void> {
    await withNetns(async (netns) => {
      const outcome = await runPlugin(here.add(netns.path, changes), { through });
      assert.equal(outcome.exitCode, 0, outcome.stdout + outcome.stderr);
      const warned = logged(outcome).filter(({ msg }) => msg === 'not recorded');
      assert.match(String(warned[0]?.reason), reason);
      assert.equal(here.record(changes?.containerId), undefined);
      await assertWholeOrNothing(netns, outcome, whole);
    });
  }
});
