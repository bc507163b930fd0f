import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openForeign } from '../../../../agent/census/netns/open.ts';
import { closeNetns } from '../../../../cni/kernel/netns.ts';
import { hasRoot, scratchNetns } from '../../../support/scratch.ts';

const own = '/proc/self/ns/net';

describe('openForeign()', () => {
  const procDir = mkdtempSync(join(tmpdir(), 'sluice-proc-'));
  before(function () {
    if (!hasRoot()) this.skip();
    mkdirSync(join(procDir, '1/ns'), { recursive: true });
  });
  afterEach(() => {
    rmSync(join(procDir, '1/ns/net'), { force: true });
  });
  const other = scratchNetns();
  after(() => {
    rmSync(procDir, { recursive: true });
  });
  const theHostHas = (path: string): void => {
    symlinkSync(path, join(procDir, '1/ns/net'));
  };
  const inodeOf = (path: string): number | undefined => {
    const netns = openForeign(path, procDir);
    if (netns) closeNetns(netns);
    return netns?.inode;
  };

  it("opens our own, which is the agent's pod's, where the host has another", () => {
    theHostHas(other.path);
    assert.equal(inodeOf(own), statSync(own).ino);
  });

  it("does not open the host's, be it ours or not", () => {
    theHostHas(own);
    assert.deepEqual([inodeOf(own), inodeOf(other.path)], [undefined, statSync(other.path).ino]);
    rmSync(join(procDir, '1/ns/net'));
    theHostHas(other.path);
    assert.equal(inodeOf(other.path), undefined);
  });

  it("does not open our own where the host's cannot be seen", () => {
    assert.deepEqual([inodeOf(own), inodeOf(other.path)], [undefined, statSync(other.path).ino]);
  });

  it('opens nothing that is gone, or no netns', () => {
    theHostHas(own);
    assert.deepEqual([inodeOf('/nonexistent'), inodeOf('/dev/null')], [undefined, undefined]);
  });
});
