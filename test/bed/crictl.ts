import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  containerConfig,
  logsOf,
  type PodContainer,
  type PodSandbox,
  sandboxConfig,
} from './criconfig.ts';
import { type GoProgram, provideGoProgram, type Provided } from './goprogram.ts';
import { type Done, type ExecOptions, type Host } from './host.ts';

/** Speaks to a machine's runtime as kubelet does. */
export interface Crictl {
  readonly run: (args: readonly string[], options?: ExecOptions) => Promise<Done>;
  /** As kubelet tells it of its node, e.g. `containerd://1.6.20~ds1`. */
  readonly runtimeVersion: () => Promise<string>;
  /** Its stdout is the sandbox's ID. Never rejects because of how it ends. */
  readonly runPod: (pod: PodSandbox) => Promise<Done>;
  /** Starts a container in a sandbox of this pod. Returns its ID. */
  readonly startContainer: (
    sandbox: string,
    pod: PodSandbox,
    container: PodContainer,
  ) => Promise<string>;
  /** Stops it and removes it; the runtime asks the plugins to DEL. */
  readonly removePod: (id: string) => Promise<void>;
  /** Of the pod: IPv4 first, where it has both. */
  readonly addressesOf: (id: string) => Promise<readonly string[]>;
  /** As seen from outside of the machine. */
  readonly netnsOf: (id: string) => Promise<string>;
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
  const inspect = async (id: string): Promise<Inspected> =>
    JSON.parse((await run(['inspectp', id])).stdout) as Inspected;
  const write = async (name: string, config: object): Promise<string> => {
    const file = join(host.directory, `${name}.json`);
    await writeFile(file, JSON.stringify(config));
    return file;
  };
  return {
    run,
    runtimeVersion: async () => {
      const { stdout } = await run(['version']);
      const said = (key: string): string =>
        new RegExp(`^${key}: +(.+)$`, 'm').exec(stdout)?.[1] ?? '';
      return `${said('RuntimeName')}://${said('RuntimeVersion')}`;
    },
    runPod: async (pod) => {
      const file = await write(`pod-${pod.name}`, sandboxConfig(pod));
      return run(['runp', file], { reject: false });
    },
    startContainer: async (sandbox, pod, container) => {
      const name = `${pod.name}-${container.name}`;
      const scratch = `/var/tmp/${name}`;
      await host.exec('mkdir', ['-p', '--mode=1777', scratch, logsOf(pod)]);
      const podFile = await write(`pod-${pod.name}`, sandboxConfig(pod));
      const file = await write(`container-${name}`, containerConfig(container, scratch));
      const { stdout } = await run(['create', sandbox, file, podFile]);
      await run(['start', stdout]);
      return stdout;
    },
    removePod: async (id) => {
      await run(['rmp', '--force', id]);
    },
    addressesOf: async (id) => {
      const { ip, additionalIps = [] } = (await inspect(id)).status.network;
      return [ip, ...additionalIps.map((each) => each.ip)];
    },
    netnsOf: async (id) => host.path(netnsPath(await inspect(id))),
  };
}

interface Inspected {
  readonly status: {
    readonly network: {
      readonly ip: string;
      readonly additionalIps?: readonly { readonly ip: string }[];
    };
  };
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
