import { type Attachment, type Conflist, type Runtime } from '../test/support/chain.ts';
import { type Cleanup } from '../test/support/cleanup.ts';
import { createNetns, removeNetns, type Netns } from '../test/support/netns.ts';
import { run } from '../test/support/process.ts';

/** The peer is a machine outside; these blocks are for documentation. */
export const peerAddress = { ipv4: '198.51.100.10', ipv6: '2001:db8::10' } as const;
const peerGateway = { ipv4: '198.51.100.1', ipv6: '2001:db8::1' } as const;

/** Makes network namespaces that end with the demo. */
export function netnsMaker(prefix: string, cleanup: Cleanup): (role: string) => Promise<Netns> {
  return (role) => {
    const name = `${prefix}-${role}`;
    cleanup.add(() => removeNetns(name));
    return createNetns(name);
  };
}

/** Bridge, host-local and portmap are Debian's; `sluice-cni` comes last, from `dist/`. */
export function createRuntime(node: Netns, directory: string, pluginPath: string): Runtime {
  const conflist: Conflist = {
    cniVersion: '1.0.0', // the latest that Debian's plugins speak
    name: 'demo',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: `${directory}/ipam`,
          ranges: [[{ subnet: '10.244.0.0/24' }], [{ subnet: 'fd00:244::/64' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
      {
        type: 'sluice-cni',
        capabilities: { 'io.kubernetes.cri.pod-annotations': true },
        agentSocket: `${directory}/agent.sock`,
        stateDir: `${directory}/state`,
        logLevel: 'info',
      },
    ],
  };
  return { node, conflist, path: [pluginPath, '/usr/lib/cni'] };
}

interface PodMetadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What containerd passes for a pod. */
export function attachmentOf({ path, name }: Netns, metadata: PodMetadata): Attachment {
  return {
    containerId: name,
    ifName: 'eth0',
    netns: path,
    args: {
      K8S_POD_NAMESPACE: metadata.namespace,
      K8S_POD_NAME: metadata.name,
      K8S_POD_UID: metadata.uid,
    },
    runtimeConfig: { 'io.kubernetes.cri.pod-annotations': metadata.annotations },
  };
}

/** Links the peer to the node, which routes between it and the pods. */
export async function connectPeer(node: Netns, peer: Netns): Promise<void> {
  await ip(node, `link add peer0 type veth peer name eth0 netns ${peer.name}`);
  await ip(node, `addr add ${peerGateway.ipv4}/24 dev peer0`);
  await ip(node, `addr add ${peerGateway.ipv6}/64 dev peer0 nodad`);
  await ip(node, 'link set peer0 up');
  await ip(peer, `addr add ${peerAddress.ipv4}/24 dev eth0`);
  await ip(peer, `addr add ${peerAddress.ipv6}/64 dev eth0 nodad`);
  await ip(peer, 'link set eth0 up');
  await ip(peer, `route add default via ${peerGateway.ipv4}`);
  await ip(peer, `-6 route add default via ${peerGateway.ipv6}`);
}

/** Addresses of a pod by family, as the chain's result tells them. */
export function addressesOf(result: unknown): { readonly ipv4: string; readonly ipv6: string } {
  const { ips = [] } = result as { ips?: readonly { address: string }[] };
  const plain = ips.map(({ address }) => address.split('/')[0] ?? '');
  const ipv6 = plain.find((address) => address.includes(':'));
  const ipv4 = plain.find((address) => !address.includes(':'));
  if (ipv4 && ipv6) return { ipv4, ipv6 };
  throw new Error(`cannot use addresses "${plain.join(', ')}": one of each family wanted`);
}

async function ip(netns: Netns, words: string): Promise<void> {
  await run({ netns }, ['ip', ...words.split(' ')]);
}
