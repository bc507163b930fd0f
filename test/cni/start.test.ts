import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundleOptions } from '../../image/bundle.ts';

/** All that loads before the plugin's first line runs; each name more is paid for by every pod of the node. */
const allowed = ['node:fs'];
const entry = 'cni/main.ts';

describe("the plugin's start", () => {
  let metafile: Metafile;
  before(async () => {
    ({ metafile } = await build({
      ...bundleOptions('0.0.0-test'),
      entryPoints: [entry],
      absWorkingDir: join(import.meta.dirname, '../..'),
      write: false,
      metafile: true,
    }));
  });

  it('loads no module but those allowed', () => {
    const found = [...reachable(metafile)].filter((path) => !path.startsWith('cni/'));
    assert.deepEqual(
      found.filter((name) => !allowed.includes(name)),
      [],
    );
  });

  it('leaves what costs time for when it is needed', () => {
    const start = reachable(metafile);
    const lazy = Object.keys(metafile.inputs).filter((path) => !start.has(path));
    assert.notDeepEqual(lazy, []);
  });
});

/** Files and modules that are imported at the top of a file, from the entry on. */
function reachable({ inputs }: Metafile): Set<string> {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: target, kind } of inputs[path]?.imports ?? []) {
      // A path with a dot is an import of types alone, which was dropped.
      if (kind !== 'dynamic-import' && !target.startsWith('.')) found.add(target);
    }
  }
  return found;
}
