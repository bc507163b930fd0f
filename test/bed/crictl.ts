import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GoProgram, provideGoProgram, type Provided } from './goprogram.ts';
import { type Done, type ExecOptions, type Host } from './host.ts';

/** Speaks to a machine's runtime as kubelet does. */
export interface Crictl {
  readonly run: (args: readonly string[], options?: ExecOptions) => Promise<Done>;
  /** Its stdout is the sandbox's ID. Never rejects because of how it ends. */
  readonly runPod: (pod: PodSandbox) => Promise<Done>;
  /** Stops it and removes it; the runtime asks the plugins to DEL. */
  readonly removePod: (id: string) => Promise<void>;
  /** As seen from outside of the machine. */
  readonly netnsOf: (id: string) => Promise<string>;
}

export interface PodSandbox {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const program: GoProgram = {
  module: 'sigs.k8s.io/cri-tools',
  version: 'v1.36.0',
  commands: ['cmd/crictl'],
  go: '1.26.2',
  stamp: 'sigs.k8s.io/cri-tools/pkg/version.Version',
};

/** Builds crictl where it is not in the cache; that takes up to a minute. */
export function provideCrictl(): Promise<Provided> {
  return provideGoProgram(program);
}

/** @param programs the folder with crictl */
export function createCrictl(host: Host, programs: string): Crictl {
  const env = {
    CONTAINER_RUNTIME_ENDPOINT: 'unix:///run/containerd/containerd.sock',
    CRI_CONFIG_FILE: '/dev/null',
  };
  const run: Crictl['run'] = (args, options) =>
    host.exec(join(programs, 'crictl'), ['--timeout=60s', ...args], { ...options, env });
  return {
    run,
    runPod: async (pod) => {
      const file = join(host.directory, `${pod.namespace}-${pod.name}.json`);
      await writeFile(file, JSON.stringify(sandboxConfig(pod)));
      return run(['runp', file], { reject: false });
    },
    removePod: async (id) => {
      await run(['rmp', '--force', id]);
    },
    netnsOf: async (id) => {
      const { stdout } = await run(['inspectp', id]);
      return host.path(netnsPath(JSON.parse(stdout) as Inspected));
    },
  };
}

interface Inspected {
  readonly info: {
    readonly runtimeSpec: {
      readonly linux: {
        readonly namespaces: readonly { readonly type: string; readonly path?: string }[];
      };
    };
  };
}

function netnsPath({ info }: Inspected): string {
  const { namespaces } = info.runtimeSpec.linux;
  const path = namespaces.find(({ type }) => type === 'network')?.path;
  if (path === undefined) throw new Error('cannot find the netns of a sandbox: it has none');
  return path.replace(/^\/var\/run\//, '/run/'); // a link, which would lead outside from outside
}

/** @see https://github.com/kubernetes/cri-api/blob/v0.36.0/pkg/apis/runtime/v1/api.proto */
function sandboxConfig({ namespace, name, uid, annotations = {} }: PodSandbox): object {
  return {
    metadata: { namespace, name, uid, attempt: 0 },
    hostname: name,
    log_directory: `/var/log/pods/${namespace}_${name}`,
    annotations,
    // A netns and an IPC namespace of the pod's own, a PID namespace for each container.
    linux: { security_context: { namespace_options: { network: 0, pid: 1, ipc: 0 } } },
  };
}
