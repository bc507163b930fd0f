import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { uninstall } from '../../install/uninstall.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { ground } from './ground.ts';
import { keepUntilComplete } from './keep.ts';
import { type SceneName, sceneConfig, sceneNames, setOlder, setScene } from './scenes.ts';
import { assertSound, isNamed, leftovers } from './soundness.ts';

/** Every operation, but for a scene of a thousand of them, which are all of a few kinds: a prime hits each kind. */
function strideOf(scene: SceneName): number {
  return scene === 'with as many tools as the image has' ? 151 : 1;
}

describe('SIGKILL', function () {
  this.timeout(300_000); // up to a hundred processes each, one after the other
  const node = ground();
  const directory = (): string => dirname(node.config().netDir);
  let victim: ReturnType<typeof temporaryDirectory>;
  before(async () => {
    victim = temporaryDirectory();
    const entryPoints = [join(import.meta.dirname, 'victim.ts')];
    const outfile = join(victim.path, 'victim.mjs');
    // As a single file it starts in a quarter of the time.
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' });
  });
  after(() => {
    victim.dispose();
  });

  /** Runs to before the given operation; true if that was the end. */
  async function runTo(what: string, scene: SceneName, operation: number): Promise<boolean> {
    const args = [join(victim.path, 'victim.mjs'), directory(), scene, what, String(operation)];
    const { signal, exitCode, stderr } = await execa(process.execPath, args, { reject: false });
    assert.ok(signal === 'SIGKILL' || exitCode === 0, stderr);
    return signal === undefined;
  }

  for (const scene of sceneNames) {
    it(`before any operation of an installation leaves a node that works, and that the next agent completes: ${scene}`, async () => {
      setScene(directory(), scene);
      const all = node.all();
      const config = sceneConfig(directory(), scene);
      let isEnd = false;
      for (let operation = 0; !isEnd; operation += strideOf(scene)) {
        const when = `before operation ${operation}`;
        setOlder(directory(), scene);
        const wasNamed = isNamed(node.all());
        isEnd = await runTo('install', scene, operation);
        assertSound(node, when);
        if (wasNamed) assert.ok(isNamed(node.all()), when);
        await keepUntilComplete(config, 'next');
        assertSound(node, when);
        assert.deepEqual(leftovers(node), [], when);
        await uninstall(config, { by: 'agent', waitMs: 1 });
        assert.deepEqual(node.all(), all, when);
      }
    });
  }

  for (const scene of sceneNames.filter((each) => strideOf(each) === 1)) {
    it(`before any operation of an uninstallation leaves a node that works, and that a second one cleans: ${scene}`, async () => {
      setScene(directory(), scene);
      const all = node.all();
      const config = sceneConfig(directory(), scene);
      let isEnd = false;
      for (let operation = 0; !isEnd; operation += 1) {
        const when = `before operation ${operation}`;
        setOlder(directory(), scene);
        await keepUntilComplete(config, 'before');
        isEnd = await runTo('uninstall', scene, operation);
        assertSound(node, when);
        await uninstall(config, { by: 'agent', waitMs: 1 });
        assert.deepEqual(node.all(), all, when);
      }
    });
  }
});
