import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { demoDirectory, demoName } from '../../demo/leftovers.ts';
import { netnsNames } from '../support/netns.ts';
import { hasRoot } from '../support/scratch.ts';

const program = join(import.meta.dirname, '../../demo/main.ts');

describe('the demo', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  it('leaves nothing behind when nobody reads what it prints', async () => {
    const demo = startDemo();
    await step(demo, '… a node');
    demo.stdout.destroy();
    demo.stderr.destroy();
    const { exitCode } = await demo;
    assert.equal(exitCode, 1);
    await assertGone(demo);
  });

  const moments = [
    ['SIGHUP', 129, '… ADD of pod unmeshed-0'],
    ['SIGINT', 130, '… containers'],
    ['SIGTERM', 143, '… 32 requests'],
  ] as const;
  for (const [signal, code, moment] of moments) {
    it(`is stopped by ${signal} at "${moment}", with all its programs, and cleans up`, async () => {
      const demo = startDemo();
      await step(demo, moment);
      process.kill(-(demo.pid ?? 0), signal); // to all of them, as a terminal does
      const { exitCode, stderr } = await demo;
      assert.deepEqual([exitCode, stderr], [code, `the demo was stopped by ${signal}`]);
      await assertGone(demo);
    });
  }
});

type Demo = ResultPromise<typeof options>;

/** A group of its own. */
const options = { detached: true, reject: false } as const;

function startDemo(): Demo {
  return execa(process.execPath, [program], options);
}

async function step({ stdout }: Demo, beginning: string): Promise<void> {
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith(beginning)) return;
  }
  assert.fail(`the demo does not come to "${beginning}"`);
}

async function assertGone({ pid = 0 }: Demo): Promise<void> {
  const names = await netnsNames();
  assert.deepEqual(
    names.filter((name) => name.startsWith(demoName(pid))),
    [],
  );
  await assert.rejects(access(demoDirectory(pid)), { code: 'ENOENT' });
}
