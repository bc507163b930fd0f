import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from '../../image/bundle.ts';

describe('bundle()', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('defines the version', async () => {
    const { stdout } = await run('process.stdout.write(SLUICE_VERSION);');
    assert.equal(stdout, '9.8.7');
  });

  it('loads what is imported when needed, and not before', async () => {
    writeFileSync(join(folder, 'lazy.ts'), "process.stdout.write('lazy '); export const n = 1;");
    const { stdout } = await run(
      "process.stdout.write('first '); void import('./lazy.ts').then(({ n }) => process.stdout.write(String(n)));",
    );
    assert.equal(stdout, 'first lazy 1');
  });

  it('does not load a file for its types', async () => {
    writeFileSync(join(folder, 'types.ts'), "process.stdout.write('types '); export type N = 1;");
    const { stdout } = await run(
      "import { type N } from './types.ts'; const n: N = 1; process.stdout.write(String(n));",
    );
    assert.equal(stdout, '1');
  });

  it('leaves no import() behind, which an executable with a code cache refuses', async () => {
    const script = await bundled(
      "void import('node:net').then(({ isIP }) => process.stdout.write(String(isIP('::'))));",
    );
    assert.doesNotMatch(script, /\bimport\(/);
  });

  it('bundles of the Kubernetes client what is asked for, and not what it fetches with', async () => {
    const script = await bundle(join(import.meta.dirname, '../../agent/main.ts'), '9.8.7');
    assert.match(script, /loadFromClusterAndUser/);
    assert.doesNotMatch(script, /llhttp|V1PodDisruptionBudgetSpec/);
  });

  it('rejects a file that is not there', async () => {
    await assert.rejects(bundle(join(folder, 'missing.ts'), '9.8.7'), /Could not resolve/);
  });

  async function bundled(text: string): Promise<string> {
    const entry = join(folder, 'main.ts');
    writeFileSync(entry, text);
    return bundle(entry, '9.8.7');
  }

  async function run(text: string) {
    const script = join(folder, 'main.cjs');
    writeFileSync(script, await bundled(text));
    return execa(process.execPath, [script]);
  }
});
