import { type Invocation } from '../../cni/spec/request.ts';

/** A chained result as the bridge plugin leaves it. */
export const prevResult = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/pod' }],
  ips: [{ interface: 0, address: '10.1.0.2/16', gateway: '10.1.0.1' }],
  dns: {},
};

/** The annotations that the runtime passes for an injected pod. */
export const injected = { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' };

interface Changes {
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Keys of the network configuration; undefined takes one away. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What the runtime passes; without it, an injected pod's. */
  readonly podAnnotations?: Readonly<Record<string, string>> | undefined;
}

/** An ADD of pod default/web-0 as containerd sends it, but for the changes. */
export function invocation({ command = 'ADD', env, config, ...rest }: Changes = {}): Invocation {
  const podAnnotations = 'podAnnotations' in rest ? rest.podAnnotations : injected;
  return {
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'container-1',
      CNI_NETNS: '/run/netns/pod',
      CNI_IFNAME: 'eth0',
      CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=uid-1',
      CNI_PATH: '/opt/cni/bin',
      ...env,
    },
    stdin: JSON.stringify({
      cniVersion: '1.0.0',
      name: 'net',
      type: 'sluice-cni',
      prevResult,
      ...(podAnnotations && {
        runtimeConfig: { 'io.kubernetes.cri.pod-annotations': podAnnotations },
      }),
      ...config,
    }),
  };
}
