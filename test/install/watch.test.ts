import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEachChange } from '../../install/watch.ts';
import { ground } from './ground.ts';

describe('onEachChange()', () => {
  let looks = 0;
  let waitMs = 0;
  let stop = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  afterEach(async () => {
    stop.abort();
    await ended;
  });
  const node = ground();

  function start(ms: number): void {
    looks = 0;
    waitMs = ms;
    stop = new AbortController();
    const act = async (): Promise<void> => {
      looks += 1;
      return Promise.resolve();
    };
    const { netDir } = node.config();
    const options = { signal: stop.signal, waitMs: () => waitMs, settleMs: 1 };
    ended = onEachChange([netDir, `${netDir}/below`], act, options);
  }

  async function looked(times: number): Promise<void> {
    while (looks < times) await sleep(2);
  }

  it('looks at once, and again after every change', async () => {
    start(3_600_000);
    await looked(1);
    node.write('a.conf', '1');
    await looked(2);
    await sleep(50);
    const before = looks;
    node.write('a.conf', '2');
    await looked(before + 1);
  });

  it('looks now and then where there is nothing to watch, and watches what comes', async () => {
    const { netDir } = node.config();
    start(20);
    await looked(3);
    mkdirSync(join(netDir, 'below'));
    await looked(looks + 2);
    waitMs = 3_600_000;
    await looked(looks + 1);
    const before = looks;
    writeFileSync(join(netDir, 'below/a.conf'), '');
    await looked(before + 1);
  });

  it('watches a directory that has taken the place of another', async () => {
    const { netDir } = node.config();
    start(3_600_000);
    await looked(1);
    mkdirSync(`${netDir}.new`);
    renameSync(netDir, `${netDir}.old`);
    renameSync(`${netDir}.new`, netDir);
    await looked(2);
    await sleep(50);
    const before = looks;
    writeFileSync(join(netDir, 'a.conf'), '');
    await looked(before + 1);
  });

  it('watches a directory that was removed and made again, perhaps as the same inode', async () => {
    const { netDir } = node.config();
    start(3_600_000);
    await looked(1);
    await sleep(50); // times of birth may be no finer than the kernel's tick
    rmdirSync(netDir);
    mkdirSync(netDir);
    await looked(2);
    await sleep(50);
    const before = looks;
    writeFileSync(join(netDir, 'a.conf'), '');
    await looked(before + 1);
  });

  it('ends when it is told to', async () => {
    start(3_600_000);
    await looked(1);
    stop.abort();
    await ended;
    assert.equal(looks, 1);
  });
});
