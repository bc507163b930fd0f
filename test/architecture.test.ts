import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { cycle, type Source, sources } from './support/sources.ts';

/** Imports point to the left or stay in their folder. */
const layers = [
  'cni/spec',
  'cni/redirect',
  'cni/rules',
  'cni/kernel',
  'cni/facts',
  'cni',
  'install',
  'agent',
  'debug',
];
/** Here results depend on arguments alone: no Node.js module, and only packages without effects. */
const pure = ['cni/spec', 'cni/redirect', 'cni/rules'];
const withoutEffects = ['ip-num'];
/** Where the world outside may be touched, and so where to look for who touches it. */
const effects = [
  'node:child_process',
  'node:fs',
  'node:fs/promises',
  'node:net',
  'node:http',
  'node:https',
];
const withEffects =
  /^(cni\/(kernel|facts)\/|cni\/(record|main|stdio|node)\.ts|install\/(files|replace|same|trial|watch)\.ts|agent\/|debug\/)/;

const product = sources('{cni,install,agent,debug}/**/*.ts');
const everything = [...sources('{cni,install,agent,debug,image,demo,bench,test}/**/*.ts')];

describe('architecture', () => {
  it('has sources to look at', () => {
    assert.ok(product.length > 0);
  });

  for (const file of product) {
    it(`${file.path} imports to the left`, () => {
      for (const target of file.imports.filter((name) => name.endsWith('.ts'))) {
        assert.ok(layer(target) >= 0, `${target} is in no layer`);
        assert.ok(layer(target) <= layer(file.path), target);
      }
    });

    it(`${file.path} touches the world only where it may`, () => {
      assert.deepEqual(reachesOut(file), []);
    });
  }

  it('has no cycle', () => {
    assert.equal(cycle(everything)?.join(' -> '), undefined);
  });

  it('has no default export', () => {
    assert.deepEqual(
      paths(({ text }) => /^export default\b|\bas default\b/m.test(text)),
      [],
    );
  });

  it('has no file over 200 lines', () => {
    assert.deepEqual(
      paths(({ text }) => lines(text) > 200),
      [],
    );
  });

  it('has a median file of under 80 lines', () => {
    const lengths = everything.map(({ text }) => lines(text)).sort((a, b) => a - b);
    assert.ok((lengths[Math.floor(lengths.length / 2)] ?? 0) < 80);
  });
});

function layer(path: string): number {
  return layers.indexOf(folder(path));
}

function folder(path: string): string {
  // agent/repair is part of agent
  return layers.find((name) => name === dirname(path)) ?? path.split('/')[0] ?? '';
}

function reachesOut({ path, text, imports }: Source): string[] {
  const packages = imports.filter((name) => !name.endsWith('.ts'));
  const impure = packages.filter(
    (name) => pure.includes(folder(path)) && !withoutEffects.includes(name),
  );
  const outside = packages.filter((name) => effects.includes(name) && !withEffects.test(path));
  const process = path.endsWith('/main.ts')
    ? []
    : (text.match(/\bprocess\.(env|stdin|exitCode|once|exit|argv)\b/g) ?? []);
  return [...impure, ...outside, ...process];
}

function paths(matches: (file: Source) => boolean): string[] {
  return everything.filter(matches).map(({ path }) => path);
}

function lines(text: string): number {
  return text.split('\n').length - 1;
}
