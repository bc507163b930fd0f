import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countChildren, creations, measureRss } from '../../bench/processes.ts';

const clean = { PATH: '/usr/bin:/bin' };

describe('creations()', () => {
  const cases: Record<string, [trace: string, count: number]> = {
    'a process': ['12 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 13', 1],
    'a process of posix_spawn': [
      '12 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}) = 13',
      1,
    ],
    'a call in two halves': ['12 vfork( <unfinished ...>\n12 <... vfork resumed>) = 13', 1],
    'a call that begins anew': [
      '12 clone(flags=SIGCHLD) = ? ERESTARTNOINTR (To be restarted)\n12 clone(flags=SIGCHLD) = 13',
      1,
    ],
    'a call in two halves that begins anew': [
      '12 vfork( <unfinished ...>\n13 exit(0) = ?\n12 <... vfork resumed>) = ? ERESTARTNOINTR\n12 vfork() = 14',
      1,
    ],
    'a thread that begins anew beside a process': [
      '12 clone3({flags=CLONE_THREAD} <unfinished ...>\n13 vfork() = 14\n12 <... clone3 resumed>) = ? ERESTARTNOINTR',
      1,
    ],
    'a thread': ['12 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD}) = 13', 0],
    'an exec': ['12 execve("/bin/fork(", ["clone("], 0x7) = 0', 0],
    nothing: ['', 0],
  };
  for (const [name, [trace, count]] of Object.entries(cases)) {
    it(`counts ${count} for ${name}`, () => {
      assert.equal(creations(trace), count);
    });
  }
});

describe('measuring a command', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-processes-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('counts what it starts, at any depth', () => {
    const command = shell('true & (sleep 0 & wait); wait');
    assert.equal(countChildren(command, join(folder, 'trace')), 3);
  });

  it('finds how much memory it takes', () => {
    const node = { ...shell(''), file: process.execPath, args: ['-e', ''] };
    const mb = (command: Parameters<typeof measureRss>[0]) =>
      measureRss(command, join(folder, 'rss'));
    assert.ok(mb(shell('true')) < mb(node));
  });

  it('rejects a command that fails', () => {
    assert.throws(() => countChildren(shell('exit 3'), join(folder, 'trace')), /exit code 3/);
  });
});

function shell(script: string) {
  return { file: '/bin/sh', args: ['-c', script], env: clean, input: '' };
}
