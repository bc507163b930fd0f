import assert from 'node:assert/strict';
import { decide } from '../../../cni/redirect/decide.ts';
import { type PodFacts } from '../../../cni/redirect/pod.ts';
import { earlyWarnings } from '../../../debug/explain/early.ts';
import { container, podFacts } from '../../support/pod.ts';

const migrate = container('migrate', { init: true });
const native = (facts: PodFacts): PodFacts => ({
  ...facts,
  containers: facts.containers.map((each) =>
    each.name === 'istio-proxy' ? { ...each, init: true } : each,
  ),
});

const inFront = (facts: PodFacts): PodFacts => ({
  ...facts,
  containers: [migrate, ...facts.containers],
});

const cases: Readonly<Record<string, readonly [pod: PodFacts, named: readonly string[]]>> = {
  'an ordinary init container': [podFacts({ others: [migrate] }), ['migrate']],
  'one that runs as the proxy': [podFacts({ others: [{ ...migrate, runAsUser: 1337 }] }), []],
  'one behind a native sidecar': [native(podFacts({ others: [migrate] })), []],
  'one in front of a native sidecar': [inFront(native(podFacts())), ['migrate']],
  'no init container but the injected one': [podFacts(), []],
  'a pod that is left alone': [
    podFacts({ others: [migrate], labels: { 'sidecar.istio.io/inject': 'false' } }),
    [],
  ],
};

describe('earlyWarnings()', () => {
  for (const [what, [pod, named]] of Object.entries(cases)) {
    it(`names ${named.join() || 'nobody'} for ${what}`, async () => {
      const warnings = earlyWarnings(await decide(pod), pod);
      assert.deepEqual(
        warnings.map((text) => /"(.*?)"/.exec(text)?.[1]),
        named,
      );
    });
  }
});
