import assert from 'node:assert/strict';

import { OWN_KEYS, STANDARD_KEYS, unknownKeyWarnings } from '../../../cni/spec/keys.ts';

describe('unknownKeyWarnings()', () => {
  it('knows our keys, the standard ones and whatever is of cni.dev', () => {
    const keys = [...OWN_KEYS, ...STANDARD_KEYS, 'cni.dev/anything'];
    assert.deepEqual(unknownKeyWarnings(keys), []);
  });

  const nearest: Record<string, string> = {
    loglevel: 'logLevel',
    excludeNamespace: 'excludeNamespaces',
    exclude_namespaces: 'excludeNamespaces',
    deadline: 'deadlineMs',
    agentSock: 'agentSocket',
    statedir: 'stateDir',
    capability: 'capabilities',
  };
  for (const [key, known] of Object.entries(nearest)) {
    it(`names ${known} for ${key}`, () => {
      const expected = `ignored unknown key "${key}": the nearest known one is "${known}"`;
      assert.deepEqual(unknownKeyWarnings([key]), [expected]);
    });
  }

  it('stays short for a thousand long keys', () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `${index}${'x'.repeat(10_000)}`);
    const warnings = unknownKeyWarnings(keys);
    assert.equal(warnings.length, 11);
    assert.equal(warnings.at(-1), 'ignored 990 more unknown keys');
    assert.ok(warnings.join().length < 3_000);
  });
});
