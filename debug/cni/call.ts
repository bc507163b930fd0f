import { type JsonObject } from '../../cni/spec/json.ts';

export const VERBS = ['add', 'check', 'del', 'gc', 'status', 'version'] as const;
export type Verb = (typeof VERBS)[number];

/** What a runtime would say of a container. */
export interface Attachment {
  readonly containerId: string;
  readonly netns: string;
  readonly ifName: string;
  readonly pod:
    | { readonly namespace: string; readonly name: string; readonly uid: string | undefined }
    | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** The plugins of a network, in the order of an ADD. */
export interface Network {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly JsonObject[];
}

export interface Call {
  readonly verb: Verb;
  /** Undefined for what is about no container: GC, STATUS, VERSION. */
  readonly attachment: Attachment | undefined;
  /** Of GC. */
  readonly valid: readonly { readonly containerID: string; readonly ifname: string }[];
  /** The CNI bin dirs. */
  readonly path: readonly string[];
}

const ANNOTATIONS = 'io.kubernetes.cri.pod-annotations';

/** The variables of a runtime, and none beside them: a plugin finds nothing of ours. */
export function variables({ verb, attachment, path }: Call): Record<string, string> {
  const common = { CNI_COMMAND: verb.toUpperCase(), CNI_PATH: path.join(':') };
  if (!attachment) return common;
  const { containerId, netns, ifName, pod } = attachment;
  const args = pod && [
    'IgnoreUnknown=1',
    `K8S_POD_NAMESPACE=${pod.namespace}`,
    `K8S_POD_NAME=${pod.name}`,
    `K8S_POD_INFRA_CONTAINER_ID=${containerId}`,
    ...(pod.uid === undefined ? [] : [`K8S_POD_UID=${pod.uid}`]),
  ];
  return {
    ...common,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: ifName,
    ...(args && { CNI_ARGS: args.join(';') }),
  };
}

/**
 * What a plugin gets on stdin, as libcni makes it.
 *
 * @see https://github.com/containernetworking/cni/blob/v1.3.0/libcni/api.go
 */
export function input(
  plugin: JsonObject,
  { name, cniVersion }: Network,
  { call, prevResult }: { readonly call: Call; readonly prevResult: unknown },
): string {
  const { verb, attachment, valid } = call;
  if (verb === 'version') return JSON.stringify({ cniVersion });
  const annotations = declares(plugin, ANNOTATIONS) ? attachment?.annotations : undefined;
  return JSON.stringify({
    ...plugin,
    name,
    cniVersion,
    ...(prevResult !== undefined && { prevResult }),
    ...(annotations && { runtimeConfig: { [ANNOTATIONS]: annotations } }),
    ...(verb === 'gc' && { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid }),
  });
}

/** A plugin is given only what it says that it takes. */
function declares({ capabilities }: JsonObject, name: string): boolean {
  if (typeof capabilities !== 'object' || capabilities === null) return false;
  return Object.entries(capabilities).some(([key, value]) => key === name && value === true);
}
