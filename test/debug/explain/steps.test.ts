import assert from 'node:assert/strict';
import { decide } from '../../../cni/redirect/decide.ts';
import { SKIP_REASONS, skipBeforeFacts } from '../../../cni/redirect/skip.ts';
import { stepsTo } from '../../../debug/explain/steps.ts';
import { container, podFacts, type PodChanges } from '../../support/pod.ts';

const config = { excludeNamespaces: ['kube-system'], agentNamespace: 'sluice-system' };

/** For each reason that a pod can have, one that has it, and what is said of it. */
const pods: Readonly<Record<string, readonly [changes: PodChanges, evidence: RegExp]>> = {
  'namespace-excluded': [{ namespace: 'kube-system' }, /^kube-system; excluded: kube-system$/],
  'init-container-redirects': [
    { others: [container('istio-init', { init: true })] },
    /^container istio-init is there, as an init container$/,
  ],
  'no-sidecar': [{ proxy: { name: 'envoy' } }, /^container istio-proxy is not there$/],
  'proxy-disabled': [{ env: { DISABLE_ENVOY: 'true' } }, /^DISABLE_ENVOY is "true" \(env DISABLE/],
  gateway: [{ proxy: { args: ['proxy', 'router'] } }, /^istio-proxy runs "proxy router"$/],
  'injection-disabled': [
    { labels: { 'sidecar.istio.io/inject': 'false' } },
    /is "false" \(label sidecar/,
  ],
  'interception-none': [
    { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } },
    /interceptionMode is NONE$/,
  ],
};

describe('stepsTo()', () => {
  for (const [wanted, [changes, evidence]] of Object.entries(pods)) {
    it(`ends at the condition that the decision names: ${wanted}`, async () => {
      const pod = podFacts(changes);
      const early = skipBeforeFacts({ pod, podAnnotations: pod.annotations, ...config });
      const decision = await decide(pod);
      const reason = early ?? (decision.action === 'skip' ? decision.reason : undefined);
      assert.equal(reason, wanted);
      const steps = stepsTo(reason, { pod, ...config });
      const at = steps.findIndex(({ holds }) => holds === 'no');
      const step = steps.find(({ holds }) => holds === 'no');
      assert.equal(step?.reason, wanted);
      assert.match(step.evidence, evidence);
      assert.ok(steps.slice(0, at).every(({ holds }) => holds === 'yes'));
      assert.ok(steps.slice(at + 1).every(({ holds }) => holds === 'not looked at'));
    });
  }

  it('looks at all conditions of a pod that is redirected, in the order of the reasons', () => {
    const steps = stepsTo(undefined, { pod: podFacts(), ...config });
    assert.deepEqual(
      steps.map(({ reason, holds }) => [reason, holds]),
      SKIP_REASONS.map((reason) => [reason, 'yes']),
    );
  });
});
