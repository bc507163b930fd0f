import { parseAllDocuments } from 'yaml';
import { isJsonObject, type JsonObject } from '../../cni/spec/json.ts';

/** One object of a manifest, and the pod that it makes; undefined if it makes none. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly pod: JsonObject | undefined;
}

/**
 * The objects in YAML or JSON, of one or more documents; a List counts as what is in it.
 *
 * @throws {SyntaxError} for what is neither, saying where
 */
export function parseManifest(text: string): Workload[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new SyntaxError(error.message.split('\n')[0]?.replace(/:$/, ''));
    return workloads(document.toJS());
  });
}

function workloads(value: unknown): Workload[] {
  if (value === null) return [];
  if (!isJsonObject(value) || typeof value.kind !== 'string') {
    throw new SyntaxError('expected objects with a kind');
  }
  const { kind, items } = value;
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap(workloads);
  const metadata = part(value, 'metadata');
  const template = TEMPLATES[kind]?.(value);
  return [{ kind, name: nameOf(metadata), pod: template && podOf(metadata, template) }];
}

/** Where an object of a kind has the template of its pods. */
const TEMPLATES: Readonly<Record<string, (object: JsonObject) => JsonObject>> = {
  Pod: (pod) => pod,
  ...Object.fromEntries(
    ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map(
      (kind) => [kind, (object: JsonObject) => part(part(object, 'spec'), 'template')],
    ),
  ),
  CronJob: (object) => part(part(part(part(object, 'spec'), 'jobTemplate'), 'spec'), 'template'),
};

/** A template need not say name and namespace: they are those of what it stands in. */
function podOf(metadata: JsonObject, template: JsonObject): JsonObject {
  const own = part(template, 'metadata');
  return {
    kind: 'Pod',
    metadata: {
      ...own,
      name: nameOf(own) || nameOf(metadata),
      namespace: own.namespace ?? metadata.namespace,
    },
    spec: template.spec,
  };
}

function nameOf({ name, generateName }: JsonObject): string {
  const found = name ?? generateName;
  return typeof found === 'string' ? found : '';
}

function part(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}
