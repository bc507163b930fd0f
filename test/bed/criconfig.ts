import { imageName, type ImageName } from './images.ts';

export interface PodSandbox {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PodContainer {
  readonly name: string;
  readonly image: ImageName;
  /** In the place of the image's own. */
  readonly command?: readonly string[];
  /** User and group. */
  readonly id?: number;
}

export function logsOf({ namespace, name }: PodSandbox): string {
  return `/var/log/pods/${namespace}_${name}`;
}

/** What the runtime is asked for. @see https://github.com/kubernetes/cri-api/blob/v0.36.0/pkg/apis/runtime/v1/api.proto */
export function sandboxConfig(pod: PodSandbox): object {
  const { namespace, name, uid, annotations = {} } = pod;
  return {
    metadata: { namespace, name, uid, attempt: 0 },
    hostname: name,
    log_directory: logsOf(pod),
    annotations,
    linux: {
      cgroup_parent: `/kubepods/besteffort/pod${uid}`,
      // A netns and an IPC namespace of the pod's own, a PID namespace for each container.
      security_context: { namespace_options: { network: 0, pid: 1, ipc: 0 } },
    },
  };
}

/** @param scratch the container's /tmp */
export function containerConfig(
  { name, image, command, id = 0 }: PodContainer,
  scratch: string,
): object {
  return {
    metadata: { name },
    image: { image: imageName(image) },
    ...(command && { command }),
    log_path: `${name}.log`,
    mounts: [{ container_path: '/tmp', host_path: scratch }],
    linux: { security_context: { run_as_user: { value: id }, run_as_group: { value: id } } },
  };
}
