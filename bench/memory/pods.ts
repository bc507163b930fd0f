import { type PodRef } from '../../cni/spec/args.ts';

export const PODS = 250;

/** The i-th pod as kubelet names it to the plugin. */
export function refOf(i: number): PodRef {
  return {
    namespace: `team-${i % 20}`,
    name: `web-${i}-6c7d9f5b44-x2${i}`,
    uid: `3f1f6a52-8f0b-4d43-9a35-${String(i).padStart(12, '0')}`,
  };
}

/** The same as an API server hands it out, after the injector and kubelet: most of it is nothing to us. */
export function manifest(i: number, resourceVersion: number): object {
  const { namespace, name, uid } = refOf(i);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ namespace, name, uid, generateName: `web-${i}-6c7d9f5b44-` },
      resourceVersion: String(resourceVersion),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: labels(i),
      annotations: annotations(i),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${i}`, uid }],
      managedFields: ['kube-controller-manager', 'kubelet'].map(managed),
    },
    spec: {
      nodeName: 'n1',
      serviceAccountName: 'web',
      volumes: ['workload-socket', 'istio-envoy', 'istio-data', 'istio-podinfo', 'istio-token'].map(
        (volume) => ({ name: volume, emptyDir: {} }),
      ),
      initContainers: [container('istio-validation', i), container('setup', i)],
      containers: [container('app', i), container('metrics', i), proxy(i)],
      tolerations: ['not-ready', 'unreachable'].map((key) => ({
        ...{ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute' },
      })),
    },
    status: {
      phase: 'Running',
      podIPs: [{ ip: `10.1.0.${i % 250}` }, { ip: `fd00::${i}` }],
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        ...{ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      })),
      containerStatuses: ['app', 'metrics', 'istio-proxy'].map(status),
    },
  };
}

function labels(i: number): object {
  return {
    'app.kubernetes.io/name': `web-${i}`,
    'app.kubernetes.io/version': '1.14.2',
    'pod-template-hash': '6c7d9f5b44',
    'security.istio.io/tlsMode': 'istio',
    'service.istio.io/canonical-name': `web-${i}`,
    'service.istio.io/canonical-revision': 'latest',
  };
}

function annotations(i: number): object {
  return {
    'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z',
    'kubernetes.io/config.source': 'api',
    'prometheus.io/path': '/stats/prometheus',
    'sidecar.istio.io/status': JSON.stringify({
      initContainers: ['istio-validation'],
      containers: ['istio-proxy'],
      volumes: ['workload-socket', 'istio-envoy', 'istio-data', 'istio-podinfo', 'istio-token'],
      revision: 'default',
    }),
    'traffic.sidecar.istio.io/excludeOutboundPorts': `${5_000 + i}`,
  };
}

function container(name: string, i: number): object {
  return {
    name,
    image: `registry.example.com/team/${name}:1.14.2`,
    args: ['--listen', '0.0.0.0:8080', '--verbosity', '2'],
    env: Array.from({ length: 15 }, (_, n) => ({
      name: `SETTING_${n}`,
      value: `value ${n} of ${i}`,
    })),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 10 },
    volumeMounts: [{ name: 'istio-token', mountPath: '/var/run/secrets/tokens', readOnly: true }],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
}

function proxy(i: number): object {
  const securityContext = { runAsUser: 1337, runAsGroup: 1337, readOnlyRootFilesystem: true };
  return { ...container('istio-proxy', i), args: ['proxy', 'sidecar'], securityContext };
}

function status(name: string): object {
  const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
  const id = `containerd://${'0123456789abcdef'.repeat(4)}`;
  return { name, state, containerID: id, imageID: id, ready: true, restartCount: 0 };
}

function managed(manager: string): object {
  const fields = Array.from({ length: 60 }, (_, n) => [
    `k:{"name":"SETTING_${n}"}`,
    { 'f:value': {} },
  ]);
  return {
    manager,
    operation: 'Update',
    fieldsV1: { 'f:spec': Object.fromEntries(fields) as object },
  };
}
