import assert from 'node:assert/strict';
import { keyOf, type PodEvent, renderEvent, told } from '../../../agent/podevents/event.ts';
import { cutPod } from '../../../agent/pod.ts';
import { v1Pod } from '../../support/pod.ts';

const event: PodEvent = {
  pod: { namespace: 'default', name: 'web-0', uid: 'u0' },
  type: 'Normal',
  reason: 'Redirected',
  message: 'all is well',
};
const circumstances = { nodeName: 'n1', at: '2026-01-02T03:04:05Z', id: 'ab12' };

describe('renderEvent()', () => {
  it('makes an Event of the pod that says who tells it', () => {
    assert.deepEqual(renderEvent(event, circumstances), {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'default', name: 'web-0.ab12' },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'default',
        name: 'web-0',
        uid: 'u0',
      },
      type: 'Normal',
      reason: 'Redirected',
      message: 'all is well',
      source: { component: 'sluice-agent', host: 'n1' },
      reportingComponent: 'sluice.dev/agent',
      reportingInstance: 'n1',
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
      count: 1,
    });
  });

  it('keeps to what the API server takes', () => {
    const pod = { ...event.pod, name: 'w'.repeat(253) };
    const long = { ...event, pod, message: 'x'.repeat(2_000) };
    const { metadata, message } = renderEvent(long, circumstances) as {
      metadata: { name: string };
      message: string;
    };
    assert.ok(metadata.name.length <= 253);
    assert.equal(message, `${'x'.repeat(1_023)}…`);
  });
});

describe('renderEvent() of what a pod has chosen', () => {
  it('says nothing to a terminal', () => {
    const message = 'found "\u001b[2J\u009b\r\n\u202eevil" é';
    assert.equal(
      (renderEvent({ ...event, message }, circumstances) as { message: string }).message,
      'found " [2J    evil" é',
    );
  });

  it('makes a name of DNS, wherever the name of the pod is cut', () => {
    for (const name of [`${'w'.repeat(199)}-0`, `${'w'.repeat(198)}.a-0`, `${'w'.repeat(199)}.a`]) {
      const pod = { ...event.pod, name };
      const { metadata } = renderEvent({ ...event, pod }, circumstances) as {
        metadata: { name: string };
      };
      assert.match(
        metadata.name,
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
      );
    }
  });
});

describe('keyOf()', () => {
  const others: Readonly<Record<string, Partial<PodEvent>>> = {
    'another pod of that name': { pod: { ...event.pod, uid: 'u1' } },
    'another reason': { reason: 'NotRedirected' },
    'another message': { message: 'all is lost' },
  };
  for (const [name, changes] of Object.entries(others)) {
    it(`tells it from ${name}`, () => {
      assert.notEqual(keyOf({ ...event, ...changes }), keyOf(event));
    });
  }
});

describe('told()', () => {
  it('names a pod by its UID', () => {
    const { namespace, name, uid } = told(cutPod(v1Pod({ uid: 'u0' })));
    assert.deepEqual([namespace, name, uid], ['default', 'web-0', 'u0']);
  });

  it('names a static pod by the UID that kubelet gave it', () => {
    const hash = '0123456789abcdef0123456789abcdef';
    const annotations = { 'kubernetes.io/config.mirror': hash };
    assert.equal(told(cutPod(v1Pod({ uid: 'u0', annotations }))).uid, hash);
  });
});
