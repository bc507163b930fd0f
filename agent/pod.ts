import { CONTAINERS, redactedAnnotations, VARIABLES } from '../cni/redact.ts';
import { integer, object, objects, string, stringMap, strings } from '../cni/redirect/manifest.ts';
import { isAbsent, type JsonObject } from '../cni/spec/json.ts';

/** A v1 Pod cut down to what a decision reads; it may lie on a disk. */
export interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly hostNetwork: boolean;
    readonly securityContext: Owner;
    readonly containers: readonly PodContainer[];
    readonly initContainers: readonly PodContainer[];
  };
  readonly status: { readonly phase: string | undefined };
}

interface Owner {
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
}

interface PodContainer {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly JsonObject[];
  readonly restartPolicy: string | undefined;
  readonly securityContext: Owner;
}

/** The UID that kubelet and so the runtime give a static pod; `metadata.uid` is its mirror's. */
export const MIRROR = 'kubernetes.io/config.mirror';

/**
 * Cuts a v1 Pod down. Arguments and variables stay where a decision reads them: elsewhere they may be passwords.
 *
 * @throws {TypeError} for what is not a Pod, saying where
 */
export function cutPod(json: unknown): Pod {
  const { metadata, spec, status } = object(json, 'it');
  const { namespace, name, uid, resourceVersion, labels, annotations, deletionTimestamp } = object(
    metadata,
    'metadata',
  );
  const { hostNetwork, securityContext, containers, initContainers } = object(spec, 'spec');
  return {
    metadata: {
      namespace: string(namespace, 'metadata.namespace'),
      name: string(name, 'metadata.name'),
      uid: string(uid, 'metadata.uid'),
      resourceVersion: string(resourceVersion ?? '', 'metadata.resourceVersion'),
      deletionTimestamp: isAbsent(deletionTimestamp)
        ? undefined
        : string(deletionTimestamp, 'metadata.deletionTimestamp'),
      labels: stringMap(labels, 'metadata.labels'),
      annotations: cutAnnotations(stringMap(annotations, 'metadata.annotations')),
    },
    spec: {
      hostNetwork: hostNetwork === true,
      securityContext: owner(securityContext, 'spec.securityContext'),
      containers: cutContainers(containers, 'spec.containers'),
      initContainers: cutContainers(initContainers, 'spec.initContainers'),
    },
    status: { phase: phaseOf(status) },
  };
}

/**
 * By which UIDs the node knows a pod, apart from its name.
 *
 * Whoever may make pods may write the annotation, too, with the UID of somebody else's pod. Kubelet gives a static pod a
 * hash of its manifest, which no other pod has.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/config/common.go
 */
export function uidsOnNode({ metadata: { uid, annotations } }: Pod): string[] {
  const mirror = annotations[MIRROR] ?? '';
  return /^[0-9a-f]{32}$/.test(mirror) ? [mirror, uid] : [uid];
}

/** Whether the runtime's UID means this pod; runtimes too old to send one mean any of the name. */
export function isThisPod({ metadata }: Pod, uid: string | undefined): boolean {
  return [metadata.uid, metadata.annotations[MIRROR], undefined].includes(uid);
}

/** `Running`; undefined where nobody has told, as in what lies on a disk. */
function phaseOf(status: unknown): string | undefined {
  const { phase } = isAbsent(status) ? {} : object(status, 'status');
  return typeof phase === 'string' ? phase : undefined;
}

function cutAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const mirror = annotations[MIRROR];
  return {
    ...redactedAnnotations(annotations),
    ...(mirror !== undefined && { [MIRROR]: mirror }),
  };
}

function cutContainers(value: unknown, where: string): PodContainer[] {
  return objects(value, where).map(({ name, args, env, restartPolicy, securityContext }, i) => {
    const at = `${where}[${i}]`;
    const called = string(name, `${at}.name`);
    const decides = CONTAINERS.includes(called);
    return {
      name: called,
      args: decides ? strings(args, `${at}.args`) : [],
      env: called === 'istio-proxy' ? cutEnv(env, `${at}.env`) : [],
      restartPolicy: isAbsent(restartPolicy)
        ? undefined
        : string(restartPolicy, `${at}.restartPolicy`),
      securityContext: owner(securityContext, `${at}.securityContext`),
    };
  });
}

/** That a value comes from elsewhere is told, from where is not. */
function cutEnv(value: unknown, where: string): JsonObject[] {
  return objects(value, where)
    .filter(({ name }) => typeof name === 'string' && VARIABLES.includes(name))
    .map(({ name, value: text, valueFrom }) => ({
      name,
      ...(!isAbsent(text) && { value: text }),
      ...(!isAbsent(valueFrom) && { valueFrom: {} }),
    }));
}

function owner(value: unknown, where: string): Owner {
  const { runAsUser, runAsGroup } = isAbsent(value) ? {} : object(value, where);
  return {
    runAsUser: integer(runAsUser, `${where}.runAsUser`),
    runAsGroup: integer(runAsGroup, `${where}.runAsGroup`),
  };
}
