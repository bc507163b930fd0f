import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, type Writable } from 'node:stream';
import { command } from '../../../debug/check/check.ts';
import { runningRuntimes } from '../../../debug/check/runtime.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { scratchDirectory } from '../../support/ground.ts';
import { hasRoot } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';

describe('the container runtime, by its process', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  /** A program of this name, which runs by then. @returns the number of what was started */
  const started = async (name: string, ...before: readonly string[]): Promise<number> => {
    const path = join(await scratchDirectory(cleanup), name);
    await copyFile('/bin/cat', path);
    const child: ChildProcessByStdio<Writable, Readable, null> = spawn('env', [...before, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    cleanup.add(async () => {
      child.stdin.end();
      await ended;
    });
    child.stdin.write('\n');
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  };
  const nameOf = (pid: number): string | undefined =>
    runningRuntimes('/proc').find((each) => each.pid === pid)?.name;

  for (const [process, name] of Object.entries({ containerd: 'containerd', crio: 'CRI-O' })) {
    it(`is ${name} where ${process} runs`, async () => {
      assert.equal(nameOf(await started(process)), name);
    });
  }

  it('is not what only begins like it', async () => {
    assert.equal(nameOf(await started('containerd-shim')), undefined);
  });

  it('is not one within a container, which has processes of its own', async function () {
    if (!hasRoot()) this.skip();
    const outer = await started('containerd', 'unshare', '--pid', '--fork', '--kill-child');
    const inner = Number(await readFile(`/proc/${outer}/task/${outer}/children`, 'utf8'));
    assert.equal(await readFile(`/proc/${inner}/comm`, 'utf8'), 'containerd\n');
    assert.equal(nameOf(inner), undefined);
  });

  it('could not be told where the processes are not to be seen', () => {
    const message = /^cannot look for the container runtime .* "\/nonexistent": it is not there$/;
    assert.throws(() => runningRuntimes('/nonexistent'), { exitCode: 3, message });
    assert.throws(() => runningRuntimes('/dev/null'), {
      message: /: it cannot be read: .*ENOTDIR/,
    });
  });

  it('is told by `check` where its files are not to be seen', async () => {
    await started('containerd');
    const { text } = await invoke(command, ['--pre'], { env: { SLUICE_PROC_DIR: '/proc' } });
    assert.match(text, /^ +ok +runtime +(?:containerd|CRI-O)/m);
  });
});
