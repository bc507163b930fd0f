import { type Fact } from '../../agent/disk.ts';
import { isThisPod, type Pod } from '../../agent/pod.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { type Container, type PodFacts } from '../../cni/redirect/pod.ts';

/** A pod that no agent has written down, or not yet; its latest ADD has told of it. */
export interface RecordedPod {
  readonly pod: Pod;
  readonly record: AttachmentRecord;
}

/** By name. A predecessor of a pod that is written down, with the same name, is none of them. */
export function recordedPods(
  records: readonly AttachmentRecord[],
  facts: readonly Fact[],
): RecordedPod[] {
  const latest = new Map(
    records
      .filter((record) => !facts.some((fact) => tellsOf(fact, record)))
      .sort((one, other) => one.startedAt.localeCompare(other.startedAt))
      .flatMap((record) => {
        const pod = podByRecord(record);
        return pod ? [[pod.metadata.uid, { pod, record }] as const] : [];
      }),
  );
  return [...latest.values()].sort((one, other) =>
    nameOf(one.pod).localeCompare(nameOf(other.pod)),
  );
}

/** Whether the agent knew of this pod, or of one that has come after it, when it wrote the other down. */
function tellsOf({ pod, observedAt }: Fact, { pod: named, startedAt }: AttachmentRecord): boolean {
  const { namespace, name } = pod.metadata;
  if (named?.namespace !== namespace || named.name !== name) return false;
  return isThisPod(pod, named.uid) || Date.parse(startedAt) < Date.parse(observedAt);
}

/** As far as its ADD has told of it; undefined where not even its name was told. */
export function podByRecord({ pod: named, facts }: AttachmentRecord): Pod | undefined {
  if (!named) return undefined;
  const { namespace, name, uid } = named;
  const containers = facts?.pod.containers ?? [];
  return {
    metadata: {
      namespace,
      name,
      // Runtimes too old to tell it: no two pods at a time have the same name.
      uid: uid ?? `${namespace}/${name}`,
      resourceVersion: '',
      deletionTimestamp: undefined,
      labels: facts?.pod.labels ?? {},
      annotations: facts?.pod.annotations ?? {},
    },
    spec: {
      hostNetwork: false,
      securityContext: ownerOf(facts?.pod),
      containers: containers.filter(({ init }) => !init).map(podContainer),
      initContainers: containers.filter(({ init }) => init).map(podContainer),
    },
    // A DEL would have removed the record.
    status: { phase: 'Running' },
  };
}

function podContainer(container: Container): Pod['spec']['containers'][number] {
  const { name, args, env } = container;
  return {
    name,
    args,
    env: env.map((each) =>
      each.value === undefined
        ? { name: each.name, valueFrom: {} }
        : { name: each.name, value: each.value },
    ),
    restartPolicy: undefined,
    securityContext: ownerOf(container),
  };
}

function ownerOf(
  owner: Pick<PodFacts, 'runAsUser' | 'runAsGroup'> | undefined,
): Pod['spec']['securityContext'] {
  return { runAsUser: owner?.runAsUser, runAsGroup: owner?.runAsGroup };
}

function nameOf({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`;
}
