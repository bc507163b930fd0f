/** An injected pod as the agent tells it, with the settings that most pods have. */
export const pod = {
  metadata: {
    namespace: 'bench',
    name: 'meshed-0',
    uid: '3f1f6a52-8f0b-4d43-9a35-0c1a7f6b1e01',
    resourceVersion: '1',
    labels: { app: 'meshed', 'security.istio.io/tlsMode': 'istio' },
    annotations: {
      'kubernetes.io/config.seen': '2026-01-01T00:00:00Z',
      'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"default"}',
      'traffic.sidecar.istio.io/excludeInboundPorts': '15020,9090',
      'traffic.sidecar.istio.io/excludeOutboundPorts': '5432',
    },
  },
  spec: {
    initContainers: [
      { name: 'istio-validation', args: ['istio-iptables', '-p', '15001', '-z', '15006'] },
    ],
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
} as const;

/** What a runtime passes for a pod that is in no mesh. */
export const unmeshedAnnotations = { 'kubernetes.io/config.seen': '2026-01-01T00:00:00Z' };
