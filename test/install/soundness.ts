import assert from 'node:assert/strict';
import { executablePath } from '../../install/config.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { PLUGIN } from '../../install/entry.ts';
import { type Ground } from './ground.ts';

/** What holds at any moment: the runtime loads something whole, and whatever that names is whole and there. */
export function assertSound(node: Pick<Ground, 'all' | 'config'>, when: string): void {
  const all = node.all();
  const [first = ''] = Object.keys(all)
    .filter((path) => /^net\.d\/[^/]*\.conf(list)?$/.test(path))
    .sort();
  const text = (all[first] ?? '').replace(/^\d+ /, '');
  const loaded = parseNetFile({ name: first, text });
  assert.notEqual(loaded.is, 'broken', `${when}: ${first}: ${text}`);
  const named = Object.entries(all).some(
    ([path, content]) => path.startsWith('net.d/') && content.includes(JSON.stringify(PLUGIN)),
  );
  const executable = all[executablePath({ binDir: 'bin' })];
  if (named) assert.equal(executable, '755 version 2', when);
  else assert.ok(executable === undefined || executable === '755 version 2', when);
}

/** Of staged files that are still there. */
export function leftovers({ all }: { readonly all: () => object }): string[] {
  return Object.keys(all()).filter((path) => path.endsWith('.tmp'));
}
