/** Ports of the meshed pod's application, and of the peer, that annotations exclude. */
export const excluded = { inbound: 9090, outbound: 5432 } as const;

/** What kubelet adds to every pod. */
const kubelet = { 'kubernetes.io/config.source': 'api' };

/** As the injector leaves it, cut down to what the agent tells. */
export const meshedPod = {
  metadata: {
    namespace: 'demo',
    name: 'meshed-0',
    uid: '6c1e7e4c-9a55-4c8e-8a39-2f6a0b0d6a01',
    resourceVersion: '1',
    labels: { app: 'meshed' },
    annotations: {
      ...kubelet,
      'sidecar.istio.io/status': '{"initContainers":["istio-validation"]}',
      'traffic.sidecar.istio.io/excludeInboundPorts': `${excluded.inbound}`,
      'traffic.sidecar.istio.io/excludeOutboundPorts': `${excluded.outbound}`,
    },
  },
  spec: {
    initContainers: [{ name: 'istio-validation' }],
    containers: [
      { name: 'app' },
      {
        name: 'istio-proxy',
        args: ['proxy', 'sidecar'],
        env: [{ name: 'ISTIO_META_DNS_CAPTURE', value: 'true' }],
        securityContext: { runAsUser: 1337, runAsGroup: 1337 },
      },
    ],
  },
};

export const unmeshedPod = {
  metadata: {
    namespace: 'demo',
    name: 'unmeshed-0',
    uid: '0d6b7f0e-4a0b-49a4-9b8e-f1a4d6c4ab02',
    resourceVersion: '2',
    labels: { app: 'unmeshed' },
    annotations: kubelet,
  },
  spec: { initContainers: [], containers: [{ name: 'app' }] },
};
