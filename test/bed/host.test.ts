import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { until } from '../agent/until.ts';
import { createCleanup } from '../support/cleanup.ts';
import { scratchDirectory } from '../support/ground.ts';
import { type Host, MACHINE, startHost, whyNoHost } from './host.ts';
import { tracesOf } from './traces.ts';

describe('startHost()', () => {
  const cleanup = createCleanup();
  let host: Host;

  before(async function () {
    const obstacle = whyNoHost();
    if (obstacle !== undefined) {
      process.stderr.write(`    skipped: ${obstacle}\n`);
      this.skip();
    }
    host = await startHost({ name: 'm1', directory: await scratchDirectory(cleanup) });
    cleanup.add(() => host.stop());
  });
  after(() => cleanup.run());

  it('makes a machine with a name, processes and network of its own', async () => {
    const { stdout } = await host.exec('sh', [
      '-c',
      'hostname; ls -d /proc/[0-9]*; ls /sys/class/net',
    ]);
    const [name, ...rest] = stdout.split('\n');
    assert.equal(name, 'm1');
    assert.equal(rest.at(-1), 'lo');
    assert.ok(rest.length < 10, stdout);
  });

  it('keeps what it writes apart, where those outside may look', async () => {
    await host.exec('sh', ['-c', 'echo inside > /etc/sluice-bed']);
    assert.equal(existsSync('/etc/sluice-bed'), false);
    assert.equal(await readFile(host.path('/etc/sluice-bed'), 'utf8'), 'inside\n');
    await writeFile(join(host.directory, 'shared'), 'outside');
    assert.equal((await host.exec('cat', [join(host.directory, 'shared')])).stdout, 'outside');
  });

  it('lets nobody change the kernel of all', async () => {
    const { exitCode } = await host.exec('sh', ['-c', 'echo 1 > /proc/sys/vm/swappiness'], {
      reject: false,
    });
    assert.notEqual(exitCode, 0);
  });

  it('stops a daemon by SIGTERM, and keeps what it said', async () => {
    const script = 'trap "echo bye; exit" TERM; echo up; while :; do sleep 0.1; done';
    const daemon = host.daemon('polite', 'sh', ['-c', script]);
    await until(async () => (await daemon.tail()).includes('up'));
    assert.equal(daemon.isRunning(), true);
    await daemon.stop();
    assert.deepEqual([daemon.isRunning(), await daemon.tail()], [false, 'up\nbye\n']);
  });
});

describe('a machine that cannot be made', () => {
  it('says why, and leaves nothing', async function () {
    if (whyNoHost() !== undefined) this.skip(); // told above
    const cleanup = createCleanup();
    const scratch = await scratchDirectory(cleanup);
    try {
      // The kernel takes the comma for the end of the name.
      const made = startHost({ name: 'broken', directory: join(scratch, 'a,b') });
      await assert.rejects(made, /cannot start machine "broken": .*sluice-bed/s);
      assert.deepEqual(await tracesOf(scratch), {
        files: [],
        processes: [],
        netns: [],
        groups: [],
      });
    } finally {
      await cleanup.run();
    }
  });
});

describe('a machine whose maker is killed', () => {
  it('is gone, with all that it wrote and ran', async function () {
    if (whyNoHost() !== undefined) this.skip(); // told above
    const cleanup = createCleanup();
    const directory = join(await scratchDirectory(cleanup), 'machine');
    try {
      const maker = [join(import.meta.dirname, 'maker.ts'), directory];
      const { stdout: group, signal } = await execa(process.execPath, maker, { reject: false });
      assert.equal(signal, 'SIGKILL');
      assert.match(group, /^sluice-bed-\d+$/);
      // The directory goes last.
      await until(() => !existsSync(directory));
      assert.deepEqual(globSync(`/sys/fs/cgroup/*/${group}`), []);
    } finally {
      await cleanup.run();
    }
  });

  it('is gone also when that comes while it is being made', async function () {
    if (whyNoHost() !== undefined) this.skip(); // told above
    const cleanup = createCleanup();
    const scratch = await scratchDirectory(cleanup);
    const directory = join(scratch, 'machine');
    try {
      for (let afterMs = 0; afterMs < 120; afterMs += 12) {
        const machine = execa('sh', [MACHINE, 'early', directory, directory], { reject: false });
        await sleep(afterMs);
        machine.stdin.end();
        await machine;
        assert.deepEqual(globSync(`/sys/fs/cgroup/*/sluice-bed-${machine.pid}`), []);
        assert.equal(existsSync(directory), false);
        assert.deepEqual((await tracesOf(scratch)).processes, []);
      }
    } finally {
      await cleanup.run();
    }
  });
});
