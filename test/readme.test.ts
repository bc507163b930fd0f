import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Variable, VARIABLES } from '../agent/variables.ts';
import { SKIP_REASONS } from '../cni/redirect/skip.ts';
import { ErrorCode } from '../cni/spec/error.ts';
import { OWN_KEYS } from '../cni/spec/keys.ts';

/** The proxy container's, not the agent's. */
const OF_PODS = /^(DISABLE_ENVOY|INVALID_DROP|ISTIO_.*)$/;

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What stands in tables for people must be all that there is. */
describe('README.md', () => {
  const golden = globSync('test/golden/rules-*', { cwd: root });
  const ids = golden.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/sluice:([a-z-]+)/g)].map(
      ([, id]) => id ?? '',
    ),
  );
  for (const id of new Set(ids)) {
    it(`has a sentence for the rule comment ${id}`, () => {
      assert.ok(readme.includes(`\`${id}\``));
    });
  }

  for (const word of [...SKIP_REASONS, ...OWN_KEYS]) {
    it(`explains ${word}`, () => {
      assert.ok(readme.includes(`\`${word}\``));
    });
  }

  for (const [name, { fallback, meaning }] of Object.entries<Variable>(VARIABLES)) {
    it(`has the row of the agent's variable ${name}`, () => {
      const usual = fallback === '' ? '–' : `\`${fallback ?? ''}\``;
      const row = `| \`${name}\` | ${fallback === undefined ? 'must be set' : usual} | ${meaning} |`;
      assert.ok(readme.replaceAll(/ +/g, ' ').includes(row), row);
    });
  }
  it('has no row of a variable that the agent does not read', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` +\| (?:`|–|must be set)/gm)];
    const names = rows.map(([, name = '']) => name).filter((name) => !OF_PODS.test(name));
    assert.deepEqual(names.sort(), Object.keys(VARIABLES).sort());
  });

  const shown = [...readme.matchAll(/^\| ([\d, ]+) +\|/gm)].flatMap(
    ([, codes]) => codes?.split(',').map(Number) ?? [],
  );
  const { unsupportedField, unavailable, internal, ...ours } = ErrorCode;
  for (const code of Object.values(ours)) {
    it(`lists error code ${code}`, () => {
      assert.ok(shown.includes(code));
    });
  }
  it('does not list codes that are never used', () => {
    assert.ok([unsupportedField, unavailable, internal].every((code) => !shown.includes(code)));
  });
});
