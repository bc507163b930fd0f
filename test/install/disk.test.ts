import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { hasRoot } from '../support/scratch.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';
import { leftovers } from './soundness.ts';

const modules = new URL('../../install/', import.meta.url).pathname;
const own = new URL('./ground.ts', import.meta.url).pathname;

/** Looks once at the node in `$D`, and prints what is wrong. */
const LOOK = `
  const { createInstallation } = await import('${modules}install.ts');
  const { configIn } = await import('${own}');
  const options = { holder: 'agent-1', trial: async () => undefined };
  const { reason } = await createInstallation(configIn(process.argv[1]), options).look();
  console.log(reason);`;

/** Runs a script where mounts are nobody else's. */
function inOwnMounts(directory: string, script: string): string {
  const look = 'look() { "$NODE" --input-type=module -e "$LOOK" "$D"; }';
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-euc', `${look}\n${script}`],
    { env: { ...process.env, D: directory, NODE: process.execPath, LOOK }, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim().replaceAll(directory, '');
}

describe('an installation on a broken disk', function () {
  this.timeout(60_000);
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const node = ground();
  const primary = fixture('calico.conflist');
  const directory = (): string => dirname(node.config().netDir);
  beforeEach(() => {
    node.write('10-calico.conflist', primary);
  });

  for (const [place, file] of [
    ['net.d', '/net.d/10-calico.conflist'],
    ['bin', '/bin/sluice-cni'],
  ] as const) {
    it(`says that ${place} is read-only`, () => {
      const output = inOwnMounts(
        directory(),
        `mount --bind "$D/${place}" "$D/${place}"
         mount -o remount,bind,ro "$D/${place}"
         look`,
      );
      assert.match(output, new RegExp(`^cannot write "${file}": the file system is read-only`));
      assert.equal(node.read('10-calico.conflist'), primary);
      assert.deepEqual(leftovers(node), []);
    });

    it(`says that ${place} is full, and goes on when it is not any more`, () => {
      const output = inOwnMounts(
        directory(),
        `mkdir "$D/kept" && cp -p "$D/${place}"/* "$D/kept" 2>/dev/null || true
         mount -t tmpfs -o size=16k tmpfs "$D/${place}"
         cp -p "$D/kept"/* "$D/${place}" 2>/dev/null || true
         dd if=/dev/zero of="$D/${place}/filler" bs=4k 2>/dev/null || true
         look
         ls -A "$D/${place}"
         rm "$D/${place}/filler"
         look
         rm -r "$D/kept"`,
      );
      const [reason = '', ...others] = output.split('\n');
      assert.match(reason, new RegExp(`^cannot write "${file}": the file system is full`));
      const there = place === 'net.d' ? ['10-calico.conflist', 'filler'] : ['filler'];
      assert.deepEqual(others, [...there, 'undefined']);
    });
  }

  it('keeps the node right without a state directory', () => {
    const output = inOwnMounts(
      directory(),
      `mkdir "$D/state" && mount -t tmpfs -o ro tmpfs "$D/state" && look`,
    );
    assert.equal(output, 'undefined');
    assert.ok(node.read('10-calico.conflist').includes('sluice-cni'));
  });
});
