import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openByProcess } from '../../../../agent/census/netns/process.ts';
import { startOf } from '../../../../agent/census/netns/cgroup.ts';
import { closeNetns } from '../../../../cni/kernel/netns.ts';
import { temporaryDirectory } from '../../../cni/facts/serve.ts';
import { hasRoot, scratchNetns } from '../../../support/scratch.ts';
import { addFirstProcess, addProcess, OTHER, UID } from './proc.ts';

describe('openByProcess()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const directory = temporaryDirectory();
  after(() => {
    directory.dispose();
  });

  const open = (pids: readonly number[]): boolean => {
    const found = openByProcess(pids, { uids: [UID], procDir: directory.path });
    if (found) closeNetns(found);
    return found !== undefined;
  };
  it('refuses a process that has become that of another pod since it was listed', () => {
    addFirstProcess(directory.path);
    addProcess(directory.path, 100, { uid: OTHER, netns: netns.path });
    assert.equal(open([100]), false);
    addProcess(directory.path, 101, { netns: netns.path });
    assert.equal(open([101]), true);
  });

  it('passes over processes that are gone', () => {
    assert.equal(open([99]), false);
  });
});

describe('startOf()', () => {
  it('tells when a process has started, and that it is gone', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const { pid = 0 } = child;
    const [own, its] = [startOf('/proc', process.pid) ?? 0, startOf('/proc', pid) ?? 0];
    assert.ok(own > 0 && its > own, `${own} ${its}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(startOf('/proc', pid), undefined);
  });
});
