import { podRange } from './addresses.ts';

export type CniVersion = '1.0.0' | '1.1.0';

/** The primary network of a node: a bridge, addresses of both families, and everything else by way of the node. */
export function conflist(number: number, cniVersion: CniVersion): string {
  const { ipv4, ipv6 } = podRange(number);
  const ranges = [ipv4, ipv6].map((subnet) => [{ subnet }]);
  const routes = ['0.0.0.0/0', '::/0'].map((dst) => ({ dst }));
  const ipam = { type: 'host-local', dataDir: '/var/lib/cni/networks', ranges, routes };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam };
  return `${JSON.stringify({ cniVersion, name: 'podnet', plugins: [bridge] }, null, 2)}\n`;
}

/** What lies here is a pod, without an API server. */
export const STATIC_PODS = '/etc/kubernetes/manifests';

export const kubeletConfig = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  failCgroupV1: false,
  failSwapOn: false,
  // Below zero needs a capability that the machine may not have.
  oomScoreAdj: 0,
  // The API server is the only one on this network who would ask.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  // The disk is the machine's, and how full it is says nothing about us.
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '1%',
    'imagefs.available': '1%',
  },
  imageGCHighThresholdPercent: 100,
  // Nobody answers there; without it, kubelet warns of each pod.
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  staticPodPath: STATIC_PODS,
  maxPods: 250,
  // Volumes, and with them the agent's token, are looked after this often.
  syncFrequency: '10s',
  nodeStatusUpdateFrequency: '4s',
  eventRecordQPS: 0,
};

/** One that asks for nothing that only the machine itself could give. */
export function proxyArguments(nodeName: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    '--proxy-mode=nftables',
    `--cluster-cidr=10.77.0.0/16,fd77::/48`,
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
  ];
}
