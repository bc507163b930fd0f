import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Ingredients, isFresh, writeExecutable } from '../../image/executable.ts';

const home = join(import.meta.dirname, '../../dist/.base');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const made: Ingredients = {
  script: "require('node:fs').writeSync(2, require('node:sea').getAsset('note', 'utf8'))",
  arch,
  assets: { note: join(import.meta.dirname, 'executable.test.ts') },
  recipe: 'as ever',
};

describe('writeExecutable()', function () {
  this.timeout(60_000);
  let dist: string;
  let output: string;
  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'sluice-executable-'));
    output = join(dist, 'program');
    await writeExecutable(output, made, { dist, home });
  });
  after(() => {
    rmSync(dist, { recursive: true });
  });

  it('makes one that finds its assets', async () => {
    const { stderr } = await execa(output);
    assert.match(stderr, /makes one that finds its assets/);
  });

  it('makes one that is fresh', async () => {
    assert.equal(await isFresh(output, made), true);
  });

  for (const change of [{ script: '' }, { recipe: 'new' }]) {
    it(`makes one that is stale after a change of ${Object.keys(change).join()}`, async () => {
      assert.equal(await isFresh(output, { ...made, ...change }), false);
    });
  }

  it('does not take another file of that name for its own', async () => {
    copyFileSync(process.execPath, join(dist, 'other'));
    copyFileSync(`${output}.key`, join(dist, 'other.key'));
    assert.equal(await isFresh(join(dist, 'other'), made), false);
  });

  it('puts nothing in place that does not run, and leaves nothing behind', async () => {
    const broken = { ...made, script: "throw new Error('broken')" };
    await assert.rejects(writeExecutable(join(dist, 'broken'), broken, { dist, home }), /broken/);
    assert.deepEqual(
      readdirSync(dist).filter((name) => /broken|build/.test(name)),
      [],
    );
  });
});
