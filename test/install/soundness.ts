import assert from 'node:assert/strict';
import { VERSION } from '../../cni/version.ts';
import { executablePath } from '../../install/config.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { PLUGIN } from '../../install/entry.ts';
import { type Ground } from './ground.ts';

type All = ReturnType<Ground['all']>;

/** What holds at any moment: the runtime loads something whole, and whatever that names is whole and there. */
export function assertSound(node: Pick<Ground, 'all' | 'config'>, when: string): void {
  const all = node.all();
  const first = Object.keys(all)
    .filter((path) => /^net\.d\/[^/]*\.conf(list)?$/.test(path))
    .sort()[0];
  const text = textOf(all, first ?? '');
  const loaded = parseNetFile({ name: first ?? '', text });
  assert.notEqual(loaded.is, 'broken', `${when}: ${first ?? 'no list'}: ${text}`);
  const executable = all[executablePath({ binDir: 'bin' })];
  if (isNamed(all)) assert.match(executable ?? 'none', /^755 version [12]$/, when);
  else assert.match(executable ?? 'none', /^(none|755 version [12])$/, when);
  assertTools(all, when);
  assertCredential(all, when);
}

/** Whether any list or directory that a runtime may load names us. */
export function isNamed(all: All): boolean {
  return Object.entries(all).some(
    ([path, content]) =>
      path.startsWith('net.d/') &&
      !path.endsWith('.tmp') &&
      content.includes(JSON.stringify(PLUGIN)),
  );
}

/** An executable has its tools, and those that have their loader are taken for whole. */
function assertTools(all: All, when: string): void {
  const [source, target] = [`.sluice/${VERSION}/`, `bin/.sluice/${VERSION}/`];
  const isThere = Object.keys(all).some((path) => path.startsWith(`${target}lib/ld-`));
  if (!isThere && all['bin/sluice-cni'] !== '755 version 2') return;
  for (const path of Object.keys(all).filter((each) => each.startsWith(source))) {
    const copy = `${target}${path.slice(source.length)}`;
    assert.equal(textOf(all, copy), textOf(all, path), `${when}: ${copy}`);
  }
}

/** An entry that names a credential finds one, the older or the newer, and nobody else does. */
function assertCredential(all: All, when: string): void {
  const isWanted = Object.entries(all).some(
    ([path, content]) => path.startsWith('net.d/') && content.includes('"apiFallback"'),
  );
  const found = all['state/kubeconfig'];
  if (found === undefined && !isWanted) return;
  assert.match(found ?? 'none', /^600 \{.*"token": "(older|newer)".*\}\n$/s, when);
}

/** Of staged files that are still there. */
export function leftovers({ all }: { readonly all: () => object }): string[] {
  return Object.keys(all()).filter((path) => path.endsWith('.tmp'));
}

function textOf(all: All, path: string): string {
  return (all[path] ?? '').replace(/^\d+ /, '');
}
