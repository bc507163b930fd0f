import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { uninstall } from '../../install/uninstall.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';
import { keepUntilComplete } from './keep.ts';
import { assertSound, leftovers } from './soundness.ts';

const victim = join(import.meta.dirname, 'victim.ts');

describe('SIGKILL', function () {
  this.timeout(120_000);
  const node = ground();
  const before = fixture('calico.conflist');

  /** Runs to before the given operation; true if that was the end. */
  async function runTo(what: string, operation: number): Promise<boolean> {
    const directory = dirname(node.config().netDir);
    const args = [victim, directory, what, String(operation)];
    const { signal, exitCode, stderr } = await execa(process.execPath, args, { reject: false });
    assert.ok(signal === 'SIGKILL' || exitCode === 0, stderr);
    return signal === undefined;
  }

  it('before any operation of an installation leaves a node that works, and that the next agent completes', async () => {
    node.write('10-calico.conflist', before, 0o640);
    const all = node.all();
    let isEnd = false;
    for (let operation = 0; !isEnd; operation += 1) {
      isEnd = await runTo('install', operation);
      assertSound(node, `before operation ${operation}`);
      await keepUntilComplete(node.config(), 'next');
      assert.deepEqual(leftovers(node), [], `before operation ${operation}`);
      await uninstall(node.config(), { by: 'agent', waitMs: 1 });
      assert.deepEqual(node.all(), all, `before operation ${operation}`);
    }
  });

  it('before any operation of an uninstallation leaves a node that works, and that a second one cleans', async () => {
    node.write('10-calico.conflist', before, 0o640);
    const all = node.all();
    let isEnd = false;
    for (let operation = 0; !isEnd; operation += 1) {
      await keepUntilComplete(node.config(), 'before');
      isEnd = await runTo('uninstall', operation);
      assertSound(node, `before operation ${operation}`);
      await uninstall(node.config(), { by: 'agent', waitMs: 1 });
      assert.deepEqual(node.all(), all, `before operation ${operation}`);
    }
  });
});
