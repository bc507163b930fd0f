import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { leasePath } from '../../install/config.ts';
import { createFiles } from '../../install/files.ts';
import { createLease, type Lease, UNINSTALLER } from '../../install/lease.ts';
import { ground } from './ground.ts';

describe('createLease()', () => {
  const node = ground();
  let nowMs = 0;
  const lease = (holder: string): Lease =>
    createLease({ files: createFiles(), path: leasePath(node.config()), holder, now: () => nowMs });

  it('is held by whoever took it last', async () => {
    const [older, newer] = [lease('older'), lease('newer')];
    await older.take();
    assert.equal(await older.obstacle(), undefined);
    await newer.take();
    assert.equal(await newer.obstacle(), undefined);
    assert.equal(await older.obstacle(), 'another agent, "newer", keeps the installation');
  });

  it('falls back to the older one when the newer one shows no life any more', async () => {
    const [older, newer] = [lease('older'), lease('newer')];
    await older.take();
    await newer.take();
    for (let looks = 0; looks < 20; looks += 1) {
      nowMs += 15_000;
      assert.equal(await newer.obstacle(), undefined);
      assert.ok(await older.obstacle(), `look ${looks}`);
    }
    nowMs += 61_000;
    assert.equal(await older.obstacle(), undefined);
    assert.equal(await newer.obstacle(), 'another agent, "older", keeps the installation');
  });

  for (const [name, spoil] of Object.entries({
    gone: (path: string) => {
      rmSync(path);
    },
    torn: (path: string) => {
      writeFileSync(path, '{"holder":');
    },
  })) {
    it(`is taken again when its file is ${name}`, async () => {
      const [holder, other] = [lease('holder'), lease('other')];
      await other.take();
      await holder.take();
      spoil(leasePath(node.config()));
      assert.equal(await holder.obstacle(), undefined);
      assert.equal(await other.obstacle(), 'another agent, "holder", keeps the installation');
    });
  }

  it('stays with whoever uninstalled', async () => {
    const agent = lease('agent');
    await agent.take();
    await lease(UNINSTALLER).take();
    nowMs += 3_600_000;
    assert.match((await agent.obstacle()) ?? '', /^uninstalled by command/);
  });

  it('is nothing to fail for where it cannot be written', async () => {
    mkdirSync(leasePath(node.config()), { recursive: true });
    const agent = lease('agent');
    await agent.take();
    assert.equal(await agent.obstacle(), undefined);
  });
});
