import { type Container, type PodFacts } from '../../cni/redirect/pod.ts';

/** What a test's pod has in other ways than a pod that is redirected by all defaults. */
export interface PodChanges extends Partial<Omit<PodFacts, 'containers'>> {
  /** Of the container of the proxy. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly proxy?: Partial<Container>;
  /** Arguments of the container that checks the redirection. */
  readonly validationArgs?: readonly string[];
  /** Beside app, proxy and validation. */
  readonly others?: readonly Container[];
}

/** The facts of a meshed pod that is redirected by all defaults, but for the given changes. */
export function podFacts(changes: PodChanges = {}): PodFacts {
  const { env = {}, proxy, validationArgs = [], others = [], annotations, ...rest } = changes;
  return {
    namespace: 'default',
    name: 'web-0',
    uid: '6f6d8f3c-4a45-4a2e-9f0d-1f2a1a6d6b0e',
    labels: {},
    runAsUser: undefined,
    runAsGroup: undefined,
    ...rest,
    annotations: { 'sidecar.istio.io/status': '{}', ...annotations },
    containers: [
      container('app'),
      container('istio-proxy', {
        args: ['proxy', 'sidecar'],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        ...proxy,
      }),
      container('istio-validation', { init: true, args: ['istio-iptables', ...validationArgs] }),
      ...others,
    ],
  };
}

/** A container that says nothing but its name, and the given. */
export function container(name: string, changes: Partial<Container> = {}): Container {
  const unsaid = { init: false, args: [], env: [], runAsUser: undefined, runAsGroup: undefined };
  return { name, ...unsaid, ...changes };
}

export interface V1Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: Pick<PodFacts, 'namespace' | 'name' | 'uid' | 'labels' | 'annotations'> & {
    readonly resourceVersion: string;
  };
  readonly spec: Readonly<Record<'securityContext' | 'containers' | 'initContainers', object>>;
}

/** The same pod as a v1 Pod, as the API server sends it. */
export function v1Pod(changes: PodChanges = {}): V1Pod {
  const pod = podFacts(changes);
  const { namespace, name, uid, labels, annotations, containers, runAsUser, runAsGroup } = pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, uid, resourceVersion: '1', labels, annotations },
    spec: {
      securityContext: said({ runAsUser, runAsGroup }),
      containers: containers.filter(({ init }) => !init).map(v1Container),
      initContainers: containers.filter(({ init }) => init).map(v1Container),
    },
  };
}

function v1Container({ name, args, env, runAsUser, runAsGroup }: Container): object {
  return {
    name,
    image: `example.com/${name}:1`,
    args,
    env: env.map((variable) =>
      variable.value === undefined
        ? { name: variable.name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
        : variable,
    ),
    securityContext: said({ runAsUser, runAsGroup }),
  };
}

/** JSON knows no undefined. */
function said(owner: Pick<Container, 'runAsUser' | 'runAsGroup'>): object {
  return Object.fromEntries(Object.entries(owner).filter(([, id]) => id !== undefined));
}
