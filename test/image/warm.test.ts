import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from '../../image/bundle.ts';
import { writeCaches } from '../../image/warm.ts';
import { hasRoot } from '../support/scratch.ts';

const root = join(import.meta.dirname, '../..');

interface Verdict {
  readonly isRejected: boolean;
  readonly warm: number;
  readonly cold: number;
}

const JUDGE = `
  const { readFileSync } = require('node:fs'), { Script } = require('node:vm');
  const [script, cache] = process.argv.slice(1).map((file) => readFileSync(file));
  const options = { filename: 'sluice-cni' };
  const cold = new Script(script.toString(), options).createCachedData().length;
  const warm = new Script(script.toString(), { ...options, cachedData: cache });
  console.log(JSON.stringify({ isRejected: warm.cachedDataRejected, warm: cache.length, cold }));
`;

describe('writeCaches()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const directory = mkdtempSync(join(tmpdir(), 'sluice-warm-test-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('holds what a verb needs, and V8 takes it', async () => {
    const script = join(directory, 'plugin.cjs');
    const caches = { add: join(directory, 'add.cache'), del: join(directory, 'del.cache') };
    const source = `(function (require) {${await bundle(join(root, 'cni/main.ts'), '0.1.0')}\n})`;
    writeFileSync(script, source);
    await writeCaches(script, caches);
    const [add, del] = [await judge(script, caches.add), await judge(script, caches.del)];
    assert.deepEqual([add.isRejected, del.isRejected], [false, false]);
    // One that was made without running anything holds little more than the outermost function.
    assert.ok(add.warm > 2 * add.cold, `ADD has ${add.warm} bytes, unused ${add.cold}`);
    assert.ok(del.warm > del.cold, `DEL has ${del.warm} bytes, unused ${del.cold}`);
    assert.ok(add.warm > 2 * del.warm, `ADD has ${add.warm} bytes, DEL ${del.warm}`);
  });
});

/** In a process of its own: V8 takes no cache that was made under other flags than mocha's. */
async function judge(script: string, cache: string): Promise<Verdict> {
  const { stdout } = await execa(process.execPath, ['-e', JUDGE, script, cache]);
  return JSON.parse(stdout) as Verdict;
}
