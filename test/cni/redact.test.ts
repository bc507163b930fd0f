import assert from 'node:assert/strict';
import { redacted } from '../../cni/redact.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { parsePod, type PodFacts } from '../../cni/redirect/pod.ts';
import { attachmentRecord } from '../support/records.ts';

const secret = 'hunter2';
const annotations = {
  'sidecar.istio.io/status': '{"containers": ["istio-proxy"]}',
  'sidecar.istio.io/interceptionMode': 'TPROXY',
  'traffic.sidecar.istio.io/includeInboundPorts': '80,443',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': '10.0.0.0/8',
  'status.sidecar.istio.io/port': '15021',
  'istio.io/reroute-virtual-interfaces': 'net1',
};
const env = [
  { name: 'ISTIO_META_DNS_CAPTURE', value: 'true' },
  { name: 'INVALID_DROP', value: 'true' },
  { name: 'ISTIO_OUTBOUND_OWNER_GROUPS', value: '2000' },
  { name: 'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE', value: '' },
  { name: 'ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR', value: '127.0.0.0/8' },
  { name: 'DISABLE_ENVOY', value: 'false' },
];
const withSecrets = {
  'kubectl.kubernetes.io/last-applied-configuration': `{"env": "${secret}"}`,
  'proxy.istio.io/config': `{"proxyMetadata": {"PASSWORD": "${secret}"}}`,
  'vault.example.com/token': secret,
};

/** A pod with every input of a decision, and secrets wherever people put them. */
const pod: PodFacts = parsePod({
  metadata: {
    namespace: 'default',
    name: 'web-0',
    uid: 'uid-1',
    labels: { 'sidecar.istio.io/inject': 'true' },
    annotations: { ...annotations, ...withSecrets },
  },
  spec: {
    securityContext: { runAsUser: 1338 },
    initContainers: [{ name: 'istio-validation', args: ['-p', '16001', '-z', '16006'] }],
    containers: [
      { name: 'app', args: [`--password=${secret}`], env: [{ name: 'PASSWORD', value: secret }] },
      {
        name: 'istio-proxy',
        args: ['proxy', 'sidecar'],
        env: [...env, { name: 'TOKEN', value: secret }],
        securityContext: { runAsGroup: 1339 },
      },
    ],
  },
});

function recordOf(facts: PodFacts): ReturnType<typeof redacted> {
  const record = attachmentRecord({
    facts: { source: 'agent/watch', observedAt: undefined, notes: [], pod: facts },
  });
  const request = { ...record.request, podAnnotations: { ...annotations, ...withSecrets } };
  return redacted({ ...record, request });
}

describe('redacted()', () => {
  it('leaves no secret', () => {
    assert.ok(JSON.stringify(pod).includes(secret));
    assert.ok(!JSON.stringify(recordOf(pod)).includes(secret));
  });

  it('leaves what a decision reads', async () => {
    const { facts } = recordOf(pod);
    assert.ok(facts);
    const decision = await decide(pod);
    assert.equal(decision.action, 'redirect');
    assert.deepEqual(await decide(facts.pod), decision);
  });

  it('leaves the annotations that the runtime passed, of those', () => {
    assert.deepEqual(recordOf(pod).request.podAnnotations, annotations);
  });

  it('keeps the names of all containers', () => {
    const names = recordOf(pod).facts?.pod.containers.map(({ name }) => name);
    assert.deepEqual(names, ['app', 'istio-proxy', 'istio-validation']);
  });

  it('leaves a record without facts as it is', () => {
    const record = attachmentRecord({ facts: undefined });
    assert.deepEqual(redacted(record), record);
  });
});
