import assert from 'node:assert/strict';
import { appFindings } from '../../../agent/census/apps.ts';
import { expectedOf } from '../../../agent/census/expected.ts';
import { type AttachmentRecord } from '../../../cni/attachment.ts';
import { container, type PodChanges } from '../../support/pod.ts';
import { attachmentRecord } from '../../support/records.ts';
import { expectation } from './expectation.ts';
import { runningPod } from './ground.ts';

describe('expectedOf()', () => {
  const said = async (
    changes: PodChanges,
    record?: AttachmentRecord,
    spec: object = {},
  ): Promise<string> => {
    const expected = await expectedOf(runningPod(changes, spec), record);
    return expected.action === 'skip' ? expected.reason : expected.action;
  };

  const skips: Record<string, PodChanges> = {
    'namespace-excluded': { namespace: 'kube-system' },
    'injection-disabled': { labels: { 'sidecar.istio.io/inject': 'false' } },
    'interception-none': { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } },
    'init-container-redirects': { others: [container('istio-init', { init: true })] },
    gateway: { proxy: { args: ['proxy', 'router'] } },
  };
  for (const [reason, changes] of Object.entries(skips)) {
    it(`leaves a pod alone as an ADD would: ${reason}`, async () => {
      assert.equal(await said(changes), reason);
    });
  }

  it('leaves pods of the namespaces alone that the agent is told of', async () => {
    const pod = runningPod({ namespace: 'monitoring' });
    const { action } = await expectedOf(pod, undefined, ['monitoring']);
    assert.deepEqual([action, await said({ namespace: 'monitoring' })], ['skip', 'redirect']);
  });

  const unmeshed = {
    'not-injected': {},
    'own-agent': { namespace: 'sluice-system', name: 'sluice-agent-x' },
  };
  for (const [reason, changes] of Object.entries(unmeshed)) {
    it(`leaves a pod without annotations alone: ${reason}`, async () => {
      const { metadata, ...pod } = runningPod(changes);
      const bare = { ...pod, metadata: { ...metadata, annotations: {} } };
      assert.deepEqual(await expectedOf(bare, undefined), { action: 'skip', reason });
    });
  }

  it("leaves a pod with the host's network alone, whatever its record says", async () => {
    assert.equal(await said({}, attachmentRecord(), { hostNetwork: true }), 'host-network');
  });

  it('decides where there is no record, and says that no ADD has been', async () => {
    const expected = await expectedOf(runningPod(), undefined);
    assert.equal(expected.action === 'redirect' && expected.added, undefined);
    assert.equal(expected.action, 'redirect');
  });

  it('keeps to what the ADD decided when annotations were changed since', async () => {
    const { decision, rules } = await expectation();
    const record = attachmentRecord({ outcome: 'redirected', decision, rules });
    const changed = { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } };
    const expected = await expectedOf(runningPod(changed), record);
    assert.deepEqual(expected.action === 'redirect' && expected.rules, rules);
  });

  it('keeps to what the ADD skipped', async () => {
    assert.equal(await said({}, attachmentRecord({ outcome: 'skipped' })), 'gateway');
  });

  for (const outcome of ['pending', 'failed'] as const) {
    it(`decides anew where the ADD is ${outcome}`, async () => {
      assert.equal(await said({}, attachmentRecord({ outcome })), 'redirect');
    });
  }

  it('cannot tell where an annotation is wrong', async () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': 'ssh' };
    assert.equal(await said({ annotations }), 'unknown');
  });
});

describe('appFindings()', () => {
  const cases: Record<string, [changes: PodChanges, spec: object, containers: string[]]> = {
    'an app with a user of its own': [{}, {}, []],
    "an app with the proxy's user": [
      { others: [container('app2', { runAsUser: 1337 })] },
      {},
      ['app2'],
    ],
    "all apps of a pod with the proxy's user": [{ runAsUser: 1337 }, {}, ['app']],
    'an app with another user in such a pod': [
      { runAsUser: 1337, others: [container('app2', { runAsUser: 5 })] },
      {},
      ['app'],
    ],
    "an init container with the proxy's user": [
      { others: [container('setup', { init: true, runAsUser: 1337 })] },
      {},
      [],
    ],
  };
  for (const [what, [changes, spec, containers]] of Object.entries(cases)) {
    it(`names ${containers.join() || 'nobody'}: ${what}`, async () => {
      const pod = runningPod(changes, spec);
      const found = appFindings(pod, await expectedOf(pod, undefined));
      assert.deepEqual(
        found,
        containers.map((name) => ({ kind: 'proxy-uid-app', container: name, uid: 1337 })),
      );
    });
  }
});
