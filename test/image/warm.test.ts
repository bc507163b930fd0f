import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from '../../image/bundle.ts';
import { writeCache } from '../../image/warm.ts';
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

describe('writeCache()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const directory = mkdtempSync(join(tmpdir(), 'sluice-warm-test-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('holds what an ADD needs, and V8 takes it', async () => {
    const [script, cache] = [join(directory, 'plugin.cjs'), join(directory, 'plugin.cache')];
    const source = `(function (require) {${await bundle(join(root, 'cni/main.ts'), '0.1.0')}\n})`;
    writeFileSync(script, source);
    await writeCache(script, cache);
    // In a process of its own: V8 takes no cache that was made under other flags than mocha's.
    const { stdout } = await execa(process.execPath, ['-e', JUDGE, script, cache]);
    const { isRejected, warm, cold } = JSON.parse(stdout) as Verdict;
    assert.equal(isRejected, false);
    // One that was made without running anything holds little more than the outermost function.
    assert.ok(warm > 2 * cold, `${warm} and ${cold} bytes`);
  });
});
