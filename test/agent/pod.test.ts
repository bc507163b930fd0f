import assert from 'node:assert/strict';
import { cutPod, isThisPod } from '../../agent/pod.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { container, type PodChanges, v1Pod } from '../support/pod.ts';

const SECRET = 'hunter2';

describe('cutPod()', () => {
  const pods: Record<string, PodChanges> = {
    defaults: {},
    'not injected': { annotations: { 'sidecar.istio.io/status': '' } },
    tproxy: { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } },
    ports: {
      annotations: {
        'traffic.sidecar.istio.io/excludeInboundPorts': '22,9090',
        'status.sidecar.istio.io/port': '15021',
        'istio.io/reroute-virtual-interfaces': 'net1',
        'traffic.sidecar.istio.io/misspelled': '1',
      },
    },
    'owned by others': { runAsUser: 5, runAsGroup: 6, proxy: { runAsUser: 7, runAsGroup: 8 } },
    'validation arguments': { validationArgs: ['-p', '15011', '-z', '15016', '-e', '15018'] },
    'variables of the proxy': {
      env: {
        ISTIO_META_DNS_CAPTURE: 'true',
        ISTIO_DUAL_STACK: 'true',
        ISTIO_OUTBOUND_OWNER_GROUPS: '5',
        ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE: '7',
        ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR: '127.0.0.1/32',
        INVALID_DROP: 'true',
      },
    },
    'proxy disabled': { env: { DISABLE_ENVOY: 'true' } },
    'injection disabled': { labels: { 'sidecar.istio.io/inject': 'false' } },
    gateway: { proxy: { args: ['proxy', 'router'] } },
    'istio-init': { others: [container('istio-init', { init: true })] },
  };
  for (const [name, changes] of Object.entries(pods)) {
    it(`leaves what decides: ${name}`, async () => {
      const cut = JSON.parse(JSON.stringify(cutPod(v1Pod(changes)))) as unknown;
      assert.deepEqual(await decide(parsePod(cut)), await decide(parsePod(v1Pod(changes))));
    });
  }

  it('leaves that a variable comes from elsewhere, not from where', async () => {
    const changes = { env: { ISTIO_META_DNS_CAPTURE: undefined } };
    const cut = JSON.parse(JSON.stringify(cutPod(v1Pod(changes)))) as unknown;
    assert.equal(JSON.stringify(cut).includes('fieldPath'), false);
    const told = async (pod: unknown): Promise<unknown> =>
      decide(parsePod(pod)).catch((error: unknown) => String(error));
    assert.deepEqual(await told(cut), await told(v1Pod(changes)));
  });

  it('takes away whatever may be secret', () => {
    const pod = v1Pod({
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': SECRET,
        'example.com/token': SECRET,
      },
      env: { PROXY_CONFIG: SECRET, PASSWORD: SECRET },
      others: [
        container('app2', {
          args: [`--password=${SECRET}`],
          env: [
            { name: 'DISABLE_ENVOY', value: SECRET },
            { name: 'PASSWORD', value: SECRET },
          ],
        }),
      ],
    });
    const status = { message: SECRET };
    const volumes = [{ name: SECRET }];
    const cut = cutPod({ ...pod, status, spec: { ...pod.spec, volumes } });
    assert.equal(JSON.stringify(cut).includes(SECRET), false);
  });

  it('keeps what tells native sidecars and the host network', () => {
    const { metadata, spec } = v1Pod();
    const cut = cutPod({
      metadata,
      spec: {
        ...spec,
        hostNetwork: true,
        initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }],
      },
    });
    assert.equal(cut.spec.hostNetwork, true);
    assert.equal(cut.spec.initContainers[0]?.restartPolicy, 'Always');
  });

  const noPods: Record<string, unknown> = {
    'no object': 'pod',
    'no metadata': { spec: {} },
    'no UID': { metadata: { namespace: 'a', name: 'b' }, spec: {} },
    'no spec': { metadata: { namespace: 'a', name: 'b', uid: 'c' } },
  };
  for (const [what, json] of Object.entries(noPods)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => cutPod(json), TypeError);
    });
  }
});

describe('isThisPod()', () => {
  const pod = cutPod(v1Pod({ uid: 'u1', annotations: { 'kubernetes.io/config.mirror': 'hash' } }));
  const cases: [uid: string | undefined, same: boolean][] = [
    ['u1', true],
    ['hash', true],
    [undefined, true],
    ['u2', false],
    ['', false],
  ];
  for (const [uid, same] of cases) {
    it(`${same ? 'accepts' : 'refuses'} UID ${JSON.stringify(uid)}`, () => {
      assert.equal(isThisPod(pod, uid), same);
    });
  }
});
