import { isAbsent, type JsonObject } from '../spec/json.ts';
import { integer, object, objects, string, stringMap, strings } from './manifest.ts';

/** All that a decision may know of a pod, whatever source it came from. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
  /** Ordinary and init containers alike: a native sidecar is an init container. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly init: boolean;
  readonly args: readonly string[];
  /** Each name once: of several the kubelet takes the last. */
  readonly env: readonly EnvVar[];
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
}

/** `value` is undefined where only the kubelet will know it: `valueFrom`, or a `$(NAME)` in the text. */
export interface EnvVar {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * The facts in a v1 Pod, whole or cut down, as the agent or the API server sends it.
 *
 * @throws {TypeError} for what is not a Pod, saying where
 */
export function parsePod(json: unknown): PodFacts {
  const { kind = 'Pod', metadata, spec } = object(json, 'it');
  if (kind !== 'Pod') throw new TypeError('cannot parse pod: expected kind to be "Pod"');
  const { namespace, name, uid, labels, annotations } = object(metadata, 'metadata');
  const { securityContext, containers, initContainers } = object(spec, 'spec');
  return {
    namespace: string(namespace, 'metadata.namespace'),
    name: string(name, 'metadata.name'),
    uid: isAbsent(uid) ? undefined : string(uid, 'metadata.uid'),
    labels: stringMap(labels, 'metadata.labels'),
    annotations: stringMap(annotations, 'metadata.annotations'),
    ...owner(securityContext, 'spec.securityContext'),
    containers: [
      ...parseContainers(containers, 'spec.containers', { init: false }),
      ...parseContainers(initContainers, 'spec.initContainers', { init: true }),
    ],
  };
}

function parseContainers(value: unknown, where: string, kind: { init: boolean }): Container[] {
  return objects(value, where).map(({ name, args, env, securityContext }, i) => ({
    name: string(name, `${where}[${i}].name`),
    ...kind,
    args: strings(args, `${where}[${i}].args`),
    env: parseEnv(env, `${where}[${i}].env`),
    ...owner(securityContext, `${where}[${i}].securityContext`),
  }));
}

function parseEnv(value: unknown, where: string): EnvVar[] {
  const vars = objects(value, where).map((item, i): [string, EnvVar] => {
    const name = string(item.name, `${where}[${i}].name`);
    return [name, { name, value: literal(item, `${where}[${i}].value`) }];
  });
  return [...new Map(vars).values()];
}

function literal({ value, valueFrom }: JsonObject, where: string): string | undefined {
  if (!isAbsent(valueFrom)) return undefined;
  const text = isAbsent(value) ? '' : string(value, where);
  return text.includes('$(') ? undefined : text;
}

function owner(value: unknown, where: string): Pick<PodFacts, 'runAsUser' | 'runAsGroup'> {
  const { runAsUser, runAsGroup } = isAbsent(value) ? {} : object(value, where);
  return {
    runAsUser: integer(runAsUser, `${where}.runAsUser`),
    runAsGroup: integer(runAsGroup, `${where}.runAsGroup`),
  };
}
