import { createHash } from 'node:crypto';
import { type Pod, uidsOnNode } from '../pod.ts';

/** Why something is told about a pod, as `kubectl describe pod` shows it; the names are a contract. */
export const REASONS = [
  'Redirected',
  'NotRedirected',
  'RedirectionRepaired',
  'RedirectionRepairFailed',
  'EvictedForRedirection',
  'EvictionRefused',
] as const;
export type Reason = (typeof REASONS)[number];

/** One thing to be told about a pod. */
export interface PodEvent {
  readonly pod: Told;
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  /** One sentence. */
  readonly message: string;
}

export interface Told {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What the API server takes at most. */
const MOST_CHARACTERS = 1_024;

/** By which name Events find a pod: those of a static pod go by kubelet's UID, not by its mirror's. */
export function told(pod: Pod): Told {
  const { namespace, name } = pod.metadata;
  const [uid = ''] = uidsOnNode(pod);
  return { namespace, name, uid };
}

/** Says whether two are the same, told again. */
export function keyOf({ pod, reason, message }: PodEvent): string {
  return createHash('sha256').update([pod.uid, reason, message].join('\0')).digest('hex');
}

/** The same as an Event of core/v1, which `kubectl describe` reads of all versions. */
export function renderEvent(
  { pod, type, reason, message }: PodEvent,
  { nodeName, at, id }: { readonly nodeName: string; readonly at: string; readonly id: string },
): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: pod.namespace, name: eventName(pod, id) },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', ...pod },
    type,
    reason,
    message: cut(message),
    source: { component: 'sluice-agent', host: nodeName },
    reportingComponent: 'sluice.dev/agent',
    reportingInstance: nodeName,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}

/** The name of an Event is one of DNS, as the pod's is. */
export function eventName({ name }: Told, id: string): string {
  return `${name.slice(0, 200).replace(/[-.]+$/, '')}.${id}`;
}

/** Whoever runs in a pod chooses what its rules and annotations say, and whoever reads Events reads them in a terminal. */
function cut(text: string): string {
  const message = text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return message.length <= MOST_CHARACTERS ? message : `${message.slice(0, MOST_CHARACTERS - 1)}…`;
}
