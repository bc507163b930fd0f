import assert from 'node:assert/strict';
import { createFiles, type Files } from '../../install/files.ts';
import { createInstallation } from '../../install/install.ts';
import { uninstall } from '../../install/uninstall.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';
import { assertSound, leftovers } from './soundness.ts';

interface Broken {
  readonly files: Files;
  readonly hasFailed: () => boolean;
}

/** A disk whose nth operation fails, and all after it for as long as `isFull`. */
function broken(nth: number, code: string, { isFull }: { isFull: boolean }): Broken {
  let operations = 0;
  const files = createFiles((operation) => {
    if (operation === 'unlink' && isFull) return; // a full disk still gives back
    operations += 1;
    if (operations === nth || (isFull && operations > nth)) {
      throw Object.assign(new Error(`${code}: ${operation}`), { code });
    }
  });
  return { files, hasFailed: () => operations >= nth };
}

for (const mode of ['own', 'drop-in'] as const) {
  describe(`a failing disk in mode ${mode}`, () => {
    const node = ground({ mode });

    it('leaves a node that works, and is overcome by a later look', async () => {
      node.write('10-calico.conflist', fixture('calico.conflist'));
      const all = node.all();
      const options = { holder: 'agent-1', trial: async () => undefined };
      let hasFailed = true;
      for (let nth = 1; hasFailed; nth += 1) {
        const disk = broken(nth, 'EIO', { isFull: false });
        await createInstallation(node.config(), { ...options, files: disk.files }).look();
        assertSound(node, `operation ${nth}`);
        const { reason } = await createInstallation(node.config(), options).look();
        assert.equal(reason, undefined, `operation ${nth}`);
        await uninstall(node.config(), { by: 'agent', waitMs: 1 });
        assert.deepEqual(node.all(), all, `operation ${nth}`);
        hasFailed = disk.hasFailed();
      }
    });
  });
}

describe('a failing disk', () => {
  const node = ground();
  const before = fixture('calico.conflist');

  for (const [code, isFull] of [
    ['EIO', false],
    ['ENOSPC', true],
  ] as const) {
    it(`${code} at any operation leaves a node that works, and is overcome by a later look`, async () => {
      node.write('10-calico.conflist', before, 0o640);
      const all = node.all();
      let hasFailed = true;
      for (let nth = 1; hasFailed; nth += 1) {
        const disk = broken(nth, code, { isFull });
        const options = { holder: 'agent-1', trial: async () => undefined };
        const { isComplete, reason } = await createInstallation(node.config(), {
          ...options,
          files: disk.files,
        }).look();
        assert.equal(isComplete, reason === undefined, `operation ${nth}`);
        assertSound(node, `operation ${nth}`);
        assert.deepEqual(leftovers(node), [], `operation ${nth}`);

        const next = await createInstallation(node.config(), options).look();
        assert.equal(next.reason, undefined, `operation ${nth}`);
        await uninstall(node.config(), { by: 'agent', waitMs: 1 });
        assert.deepEqual(node.all(), all, `operation ${nth}`);
        hasFailed = disk.hasFailed();
      }
    });
  }

  it('waits before it tries again, and longer each time', async () => {
    node.write('10-calico.conflist', before);
    let writes = 0;
    let nowMs = 0;
    const files = createFiles((operation) => {
      if (operation !== 'copy') return;
      writes += 1;
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    const installation = createInstallation(node.config(), {
      holder: 'agent-1',
      trial: async () => undefined,
      files,
      now: () => nowMs,
    });
    for (; nowMs <= 60_000; nowMs += 100) await installation.look();
    assert.deepEqual([writes, installation.state().isComplete], [6, false]);
    assert.match(installation.state().reason ?? '', /cannot write .*the file system is full/);
  });
});
