import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { hasRoot } from '../../support/scratch.ts';

/**
 * Runs a script in a mount namespace of its own, where mounts are nobody else's, and gives its stdout. `$D` is a
 * directory, `write` writes a record to `$D/state` and prints what went wrong.
 */
function inOwnMounts(directory: string, script: string): string {
  const modules = new URL('../../../cni/', import.meta.url).pathname;
  const records = new URL('../../support/records.ts', import.meta.url).pathname;
  const program = `
    const { writeRecord, readRecord } = await import('${modules}record.ts');
    const { attachmentRecord } = await import('${records}');
    const [stateDir, network] = process.argv.slice(1);
    const request = { cniVersion: '1.0.0', network, podAnnotations: undefined };
    try { writeRecord(stateDir, attachmentRecord({ request })); } catch ({ code, message }) { console.log(code, message); }
    console.log(readRecord(stateDir, { containerId: 'c0ffee', ifName: 'eth0' })?.request.network);`;
  const write = 'write() { "$NODE" --input-type=module -e "$PROGRAM" "$D/state" "$1"; }';
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-euc', `${write}\n${script}`],
    {
      env: { ...process.env, D: directory, NODE: process.execPath, PROGRAM: program },
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

describe('writeRecord() on a broken disk', () => {
  let directory = '';
  before(function () {
    if (!hasRoot()) this.skip();
  });
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/sluice-disk-`);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('says that the file system is full, and keeps the record that was there', () => {
    const output = inOwnMounts(
      directory,
      `mount -t tmpfs -o size=64k tmpfs "$D"
       write first
       dd if=/dev/zero of="$D/filler" bs=4k 2>/dev/null || true
       write second
       ls -A "$D/state/attachments"`,
    );
    const path = `${directory}/state/attachments/c0ffee-eth0.json`;
    assert.deepEqual(output.split('\n'), [
      'first',
      `5 cannot write record "${path}": the file system is full`,
      'first',
      'c0ffee-eth0.json',
    ]);
  });

  for (const there of ['state', 'state/attachments']) {
    it(`says that the file system of ${there} is read-only`, () => {
      const output = inOwnMounts(
        directory,
        `mkdir -p "$D/${there}"
       mount --bind "$D/state" "$D/state"
       mount -o remount,bind,ro "$D/state"
       write only`,
      );
      const path = `${directory}/state/attachments/c0ffee-eth0.json`;
      assert.deepEqual(output.split('\n'), [
        `5 cannot write record "${path}": the file system is read-only`,
        'undefined',
      ]);
    });
  }
});
