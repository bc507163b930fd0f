import type { AttachmentRecord } from './attachment.ts';
import type { Container, PodFacts } from './redirect/pod.ts';

/**
 * A record as it may lie on a disk: of pods, only what a decision reads. `decide` says the same about what is left.
 *
 * An annotation can hold a whole manifest (`last-applied-configuration`), an argument or a variable a password.
 */
export function redacted(record: AttachmentRecord): AttachmentRecord {
  const { request, facts } = record;
  const podAnnotations = request.podAnnotations && redactedAnnotations(request.podAnnotations);
  return {
    ...record,
    request: { ...request, podAnnotations },
    facts: facts && { ...facts, pod: redactedPod(facts.pod) },
  };
}

const PREFIXES = [
  'sidecar.istio.io/',
  'traffic.sidecar.istio.io/',
  'status.sidecar.istio.io/',
  'istio.io/',
  'sluice.dev/',
];
/** Of the proxy's container; all others may hold secrets. */
export const VARIABLES: readonly string[] = [
  'DISABLE_ENVOY',
  'INVALID_DROP',
  'ISTIO_DUAL_STACK',
  'ISTIO_META_DNS_CAPTURE',
  'ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR',
  'ISTIO_OUTBOUND_OWNER_GROUPS',
  'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE',
];
/** Whose arguments and variables may decide. */
export const CONTAINERS: readonly string[] = ['istio-init', 'istio-proxy', 'istio-validation'];

function redactedPod(pod: PodFacts): PodFacts {
  const containers = pod.containers.map(redactedContainer);
  return { ...pod, annotations: redactedAnnotations(pod.annotations), containers };
}

function redactedContainer(container: Container): Container {
  if (!CONTAINERS.includes(container.name)) return { ...container, args: [], env: [] };
  return { ...container, env: container.env.filter(({ name }) => VARIABLES.includes(name)) };
}

export function redactedAnnotations(
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(annotations).filter(([key]) =>
    PREFIXES.some((prefix) => key.startsWith(prefix)),
  );
  return Object.fromEntries(kept);
}
