import { object, objects, string } from '../cni/redirect/manifest.ts';
import { type JsonObject } from '../cni/spec/json.ts';

/** What becomes of an object of Kubernetes. */
export type Fate = 'stays' | 'goes';

/** @param found undefined where the API server says that there is none */
export function fateOf(found: JsonObject | undefined): Fate {
  if (found === undefined) return 'goes';
  const { deletionTimestamp } = object(found.metadata, 'metadata');
  return deletionTimestamp === undefined ? 'stays' : 'goes';
}

/**
 * Reads e.g. `{"type":"DELETED","object":{"metadata":{…}}}`; undefined where a line of the watch says nothing of it.
 *
 * @throws {Error} for what a watch does not send, and for `ERROR`
 */
export function fateAfter(line: string): Fate | undefined {
  const { type, object: content } = object(JSON.parse(line) as unknown, 'it');
  const found = object(content, 'object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return fateOf(found);
    case 'DELETED':
      return 'goes';
    case 'BOOKMARK':
      return undefined;
    default:
      throw new Error(`the API server ends the watch: ${String(found.message)}`);
  }
}

/** The name of the DaemonSet that controls a pod, if one does. */
export function daemonSetOf(pod: unknown): string | undefined {
  const { ownerReferences } = object(object(pod, 'it').metadata, 'metadata');
  const owner = objects(ownerReferences, 'metadata.ownerReferences').find(
    ({ controller, kind, apiVersion }) =>
      controller === true && kind === 'DaemonSet' && apiVersion === 'apps/v1',
  );
  return owner && string(owner.name, 'metadata.ownerReferences.name');
}
