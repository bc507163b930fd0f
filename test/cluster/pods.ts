import { imageName } from '../bed/images.ts';

/** What of the mesh a pod has, as the injector would have written it. */
export type Mesh = 'none' | 'container' | 'native' | 'gateway';

export interface PodOptions {
  readonly mesh?: Mesh;
  /** Anywhere, if left out. */
  readonly node?: string;
  /** Without asking the scheduler, who may take a minute to notice that the API server is back. */
  readonly isBound?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly restartPolicy?: 'Always' | 'Never';
  /** With what the injector puts in where a CNI plugin is to redirect: a container that ends well only if one did. */
  readonly isValidated?: boolean;
  /** What the app does; by default it serves its pod's name at port 8080. */
  readonly command?: string;
}

/** A pod template, which is a pod once it has a name. */
export interface Template {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

export const APP_PORT = 8080;
const serve = `mkdir -p /tmp/www && hostname > /tmp/www/index.html && exec httpd -f -p ${APP_PORT} -h /tmp/www`;

export function template(app: string, options: PodOptions = {}): Template {
  const {
    mesh = 'none',
    node,
    isBound = false,
    annotations,
    labels,
    restartPolicy,
    isValidated = false,
    command = serve,
  } = options;
  const isInjected = mesh !== 'none';
  const status = {
    'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"default"}',
  };
  const containers = [
    busybox('app', command),
    ...(isInjected && mesh !== 'native' ? [proxy(mesh)] : []),
  ];
  return {
    metadata: {
      labels: { app, ...labels },
      annotations: { ...(isInjected ? status : {}), ...annotations },
    },
    spec: {
      // Whoever runs as process 1 does not hear the signal, and nobody waits for what is answered.
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      ...(node ? placed(node, isBound) : {}),
      ...(restartPolicy ? { restartPolicy } : {}),
      initContainers: [
        ...(isValidated ? [validation] : []),
        ...(mesh === 'native' ? [{ ...proxy(mesh), restartPolicy: 'Always' }] : []),
      ],
      containers,
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  };
}

function placed(node: string, isBound: boolean): object {
  return isBound ? { nodeName: node } : { nodeSelector: { 'kubernetes.io/hostname': node } };
}

export function pod(name: string, options: PodOptions = {}): object {
  const { metadata, spec } = template(name, options);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec };
}

export function deployment(
  name: string,
  options: PodOptions & { readonly replicas?: number },
): object {
  return { kind: 'Deployment', ...workload(name, options) };
}

export function statefulSet(name: string, options: PodOptions): object {
  return { kind: 'StatefulSet', ...workload(name, options) };
}

function workload(
  name: string,
  { replicas = 1, ...options }: PodOptions & { readonly replicas?: number },
): object {
  const selector = { matchLabels: { app: name } };
  const spec = { replicas, selector, template: template(name, options) };
  return { apiVersion: 'apps/v1', metadata: { name }, spec };
}

/** Of a pod that has one try. */
export function job(name: string, options: PodOptions): object {
  const once = template(name, { ...options, restartPolicy: 'Never' });
  const spec = { backoffLimit: 0, template: once };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec };
}

function busybox(name: string, command: string): object {
  return {
    name,
    image: imageName('box'),
    imagePullPolicy: 'Never',
    command: ['sh', '-c', command],
    readinessProbe: { tcpSocket: { port: APP_PORT }, periodSeconds: 1 },
  };
}

const unprivileged = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsUser: 1337,
  runAsGroup: 1337,
  runAsNonRoot: true,
};

/** Ours, with the arguments of Istio's. */
const validation = {
  name: 'istio-validation',
  image: 'sluice:dev',
  imagePullPolicy: 'Never',
  args: [
    ...['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*'],
    ...['-x', '', '-b', '*', '-d', '15090,15021,15020', '--log_output_level=default:info'],
    ...['--run-validation', '--skip-rule-apply'],
  ],
  securityContext: unprivileged,
};

/** A real proxy, in the clothes of Istio's. */
function proxy(mesh: Mesh): object {
  return {
    name: 'istio-proxy',
    image: imageName('sidecar'),
    imagePullPolicy: 'Never',
    args: [
      'proxy',
      mesh === 'gateway' ? 'router' : 'sidecar',
      '--domain',
      'default.svc.cluster.local',
    ],
    volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
    securityContext: unprivileged,
  };
}
