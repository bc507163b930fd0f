import assert from 'node:assert/strict';

import { nearest } from '../../../cni/spec/nearest.ts';

describe('nearest()', () => {
  const known = ['stateDir', 'deadlineMs', 'logLevel'];
  const cases: Record<string, string> = {
    stateDir: 'stateDir',
    statedir: 'stateDir',
    state_dir: 'stateDir',
    deadlinMs: 'deadlineMs',
    loglevels: 'logLevel',
    level: 'logLevel',
    '': 'stateDir',
  };
  for (const [word, expected] of Object.entries(cases)) {
    it(`finds ${expected} for "${word}"`, () => {
      assert.equal(nearest(word, known), expected);
    });
  }

  it('finds nothing where nothing is known', () => {
    assert.equal(nearest('word', []), '');
  });

  it('looks at the beginning of a long word only', () => {
    assert.equal(
      nearest(`logLevel${' '.repeat(1e6)}`, ['x', `logLevel${' '.repeat(56)}`]).length,
      64,
    );
  });
});
