import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lockNetns } from '../../../cni/kernel/lock.ts';
import { CniError } from '../../../cni/spec/error.ts';

const netns = { path: '/run/netns/pod', fd: -1, inode: 4711 };

describe('lockNetns()', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-locks-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('lets one in after the other', async () => {
    const order: string[] = [];
    const enter = async (name: string): Promise<void> => {
      const lock = await lockNetns(netns, 10_000, directory);
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`${name} out`);
      lock.release();
    };
    await Promise.all([enter('a'), enter('b'), enter('c')]);
    assert.equal(order.length, 6);
    for (let at = 0; at < 6; at += 2) {
      assert.equal(order[at]?.replace('in', 'out'), order[at + 1]);
    }
    assert.deepEqual(readdirSync(directory), []);
  });

  it('names the lock when its time is over', async () => {
    const lock = await lockNetns(netns, 1_000, directory);
    await assert.rejects(lockNetns(netns, 30, directory), (error) => {
      assert.ok(error instanceof CniError);
      assert.equal(error.code, 11);
      assert.match(error.message, new RegExp(`holds its lock ${directory}/4711$`));
      return true;
    });
    lock.release();
  });

  it('takes over what a killed process has left', async () => {
    const script = `require('net').createServer().listen('${directory}/4711', () => console.log('held'))`;
    const holder = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.deepEqual(readdirSync(directory), ['4711']);
    const lock = await lockNetns(netns, 10_000, directory);
    lock.release();
  });

  it('does without a directory where none can be made', async () => {
    // The name that takes its place is one for all processes of the machine.
    const nowhere = `/proc/sluice-no-such-directory-${process.pid}`;
    const lock = await lockNetns(netns, 1_000, nowhere);
    await assert.rejects(lockNetns(netns, 30, nowhere), /holds its lock @\/proc\/sluice/);
    lock.release();
  });
});
