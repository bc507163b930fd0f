import { object, string } from '../cni/redirect/manifest.ts';
import { type JsonObject } from '../cni/spec/json.ts';
import { type Api, ApiError } from './api.ts';

export type Asked = Pick<Api, 'get' | 'lines'>;

/** An object in a namespace. */
export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

export type Limits = Parameters<Api['get']>[1];

/** The DaemonSet of this name. */
export function readDaemonSet(
  api: Asked,
  ref: Ref,
  limits: Limits,
): Promise<JsonObject | undefined> {
  return find(api, `${daemonSets(ref)}/${encodeURIComponent(ref.name)}`, ref.name, limits);
}

/**
 * Of a namespace that is deleted, the pods go first, while their DaemonSet is there as if nothing were.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/namespace/deletion/namespaced_resources_deleter.go
 */
export function readNamespace(
  api: Asked,
  ref: Ref,
  limits: Limits,
): Promise<JsonObject | undefined> {
  return find(api, namespacePath('/api/v1', ref), ref.namespace, limits);
}

/** Undefined if the API server says that nothing has this name; a 404 alone may come from whoever stands before it. */
async function find(
  api: Asked,
  path: string,
  name: string,
  limits: Limits,
): Promise<JsonObject | undefined> {
  try {
    return object(await api.get(path, limits), 'it');
  } catch (error) {
    const said = error instanceof ApiError && error.status === 404 ? error.cause : undefined;
    if (said instanceof Error && said.message.endsWith(`"${name}" not found`)) return undefined;
    throw error;
  }
}

/** From that state of it on. */
export function watchPath(ref: Ref, { metadata }: JsonObject): string {
  const { resourceVersion } = object(metadata, 'metadata');
  const query = new URLSearchParams({
    fieldSelector: `metadata.name=${ref.name}`,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: string(resourceVersion, 'metadata.resourceVersion'),
    timeoutSeconds: String(300 + Math.floor(Math.random() * 300)),
  });
  return `${daemonSets(ref)}?${query.toString()}`;
}

function daemonSets(ref: Ref): string {
  return `${namespacePath('/apis/apps/v1', ref)}/daemonsets`;
}

export function namespacePath(group: string, { namespace }: Ref): string {
  return `${group}/namespaces/${encodeURIComponent(namespace)}`;
}
