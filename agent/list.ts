import { object, objects, string } from '../cni/redirect/manifest.ts';
import { cutPod, type Pod } from './pod.ts';

/** By UID: a pod of the same name is another pod. */
export type Pods = ReadonlyMap<string, Pod>;

export interface PodList {
  readonly pods: Pods;
  /** Where a watch goes on. */
  readonly resourceVersion: string;
}

/** One line of a watch. */
export type WatchEvent =
  | { readonly type: 'set' | 'delete'; readonly pod: Pod; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/** `/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&…` */
export function podsPath(nodeName: string, query: Readonly<Record<string, string>>): string {
  const selected = { fieldSelector: `spec.nodeName=${nodeName}`, ...query };
  return `/api/v1/pods?${new URLSearchParams(selected).toString()}`;
}

/** @throws {TypeError} for what is not a list of pods */
export function parseList(json: unknown): PodList {
  const { metadata, items } = object(json, 'it');
  return {
    pods: new Map(
      objects(items, 'items')
        .map(cutPod)
        .map((pod) => [pod.metadata.uid, pod]),
    ),
    resourceVersion: versionOf(metadata),
  };
}

/**
 * Reads e.g. `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}`.
 *
 * @throws {Error} for what a watch of pods does not send, and for `ERROR`: what we know is too old to go on from
 */
export function parseEvent(line: string): WatchEvent {
  const { type, object: content } = object(JSON.parse(line) as unknown, 'it');
  const { metadata, message } = object(content, 'object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'set', pod: cutPod(content), resourceVersion: versionOf(metadata) };
    case 'DELETED':
      return { type: 'delete', pod: cutPod(content), resourceVersion: versionOf(metadata) };
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion: versionOf(metadata) };
    case 'ERROR':
      throw new Error(`the API server ends the watch: ${String(message)}`);
    default:
      throw new TypeError(`cannot read watch: expected a known type, not "${String(type)}"`);
  }
}

/** What is known after an event. */
export function withEvent({ pods }: PodList, event: WatchEvent): PodList {
  const { resourceVersion } = event;
  if (event.type === 'bookmark') return { pods, resourceVersion };
  const { uid } = event.pod.metadata;
  const others = [...pods].filter(([key]) => key !== uid);
  const now = event.type === 'set' ? [...others, [uid, event.pod] as const] : others;
  return { pods: new Map(now), resourceVersion };
}

function versionOf(metadata: unknown): string {
  return string(object(metadata, 'metadata').resourceVersion, 'metadata.resourceVersion');
}
