import assert from 'node:assert/strict';
import { execa } from 'execa';
import { demoName, removeLeftovers } from '../../demo/leftovers.ts';
import { createNetns, netnsNames, removeNetns } from '../support/netns.ts';
import { start } from '../support/process.ts';
import { hasRoot } from '../support/scratch.ts';

describe('removeLeftovers()', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  it('removes the netns of a run that is over, and what still runs inside', async () => {
    const over = execa('true');
    await over;
    const netns = await createNetns(`${demoName(over.pid ?? 0)}-test`);
    const inside = start({ netns }, ['sh', '-c', 'echo inside; exec sleep 60']);
    assert.equal(await inside.line(() => true), 'inside');
    assert.ok((await removeLeftovers()).includes(netns.name));
    await assert.rejects(inside.line(() => false));
    assert.ok(!(await netnsNames()).includes(netns.name));
  });

  it('leaves a run that goes on alone', async () => {
    const demo = execa('sh', ['-c', 'read -r line', 'demo/main.ts'], { stdin: 'pipe' });
    const { name } = await createNetns(`${demoName(demo.pid ?? 0)}-test`);
    try {
      assert.ok(!(await removeLeftovers()).includes(name));
      assert.ok((await netnsNames()).includes(name));
    } finally {
      await removeNetns(name);
      demo.kill();
      await demo.catch(() => undefined);
    }
  });
});
