import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { packageFile, type Places } from '../../image/npm.ts';

describe('packageFile()', () => {
  let folder: string;
  let places: Places;
  let tarball: Buffer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-npm-'));
    put('package/bin/a', 'fetched');
    execaSync('tar', ['-czf', 'made.tgz', 'package'], { cwd: folder });
    tarball = readFileSync(join(folder, 'made.tgz'));
    places = {
      modules: join(folder, 'modules'),
      cache: join(folder, 'cache'),
      pack: async (id, into) => {
        assert.equal(id, '@scope/name@1.2.3');
        writeFileSync(join(into, 'scope-name-1.2.3.tgz'), tarball);
      },
    };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const sources: Record<string, string[]> = {
    installed: ['modules/@scope/name/bin/a', 'cache/name-1.2.3/bin/a'],
    kept: ['cache/name-1.2.3/bin/a'],
    fetched: ['cache/name-1.2.2/bin/a', 'modules/name/bin/a'],
  };
  for (const [expected, paths] of Object.entries(sources)) {
    const first = expected === 'fetched' ? 'another' : expected;
    it(`takes the ${expected} file where there is ${paths.join(' and ')}`, async () => {
      // The first counts, unless none does.
      for (const [index, path] of paths.entries()) put(path, index === 0 ? first : 'another');
      assert.equal(await read(places), expected);
    });
  }

  it('fetches once', async () => {
    await read(places);
    const pack = async () => Promise.reject(new Error('no network'));
    assert.equal(await read({ ...places, pack }), 'fetched');
  });

  it('rejects a tarball that is not the locked one, and keeps nothing of it', async () => {
    const locked = { name: '@scope/name', version: '1.2.3', integrity: 'sha512-other' };
    await assert.rejects(
      packageFile(locked, 'bin/a', places),
      /expected sha512-other, got sha512-/,
    );
    assert.deepEqual(files('cache'), []);
  });

  it('says what cannot be fetched', async () => {
    const pack = async () => Promise.reject(new Error('no network'));
    await assert.rejects(read({ ...places, pack }), /cannot fetch @scope\/name@1\.2\.3/);
  });

  function put(path: string, text: string): void {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  async function read(from: Places): Promise<string> {
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const locked = { name: '@scope/name', version: '1.2.3', integrity };
    return readFileSync(await packageFile(locked, 'bin/a', from), 'utf8');
  }

  function files(path: string): string[] {
    const entries = readdirSync(join(folder, path), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  }
});
