import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { openByProcess } from '../../../../agent/census/netns/process.ts';
import { startOf } from '../../../../agent/census/netns/cgroup.ts';
import { closeNetns } from '../../../../cni/kernel/netns.ts';
import { temporaryDirectory } from '../../../cni/facts/serve.ts';
import { hasRoot, scratchNetns } from '../../../support/scratch.ts';

const UID = '4f0c1f6e-3a0b-4d6f-9a57-2f0a1b2c3d4e';
const OTHER = '00000000-3a0b-4d6f-9a57-2f0a1b2c3d4e';

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
  const addProcess = (pid: number, uid: string): void => {
    mkdirSync(`${directory.path}/${pid}/ns`, { recursive: true });
    symlinkSync(netns.path, `${directory.path}/${pid}/ns/net`);
    writeFileSync(`${directory.path}/${pid}/cgroup`, `0::/kubepods/pod${uid}/c1\n`);
    writeFileSync(`${directory.path}/${pid}/stat`, `${pid} (app) S${' 5'.repeat(49)}\n`);
  };

  it('refuses a process that has become that of another pod since it was listed', () => {
    addProcess(100, OTHER);
    assert.equal(open([100]), false);
    addProcess(101, UID);
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
