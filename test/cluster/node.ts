import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Containerd, startContainerd } from '../bed/containerd.ts';
import { type Daemon } from '../bed/daemon.ts';
import { type Host, startHost } from '../bed/host.ts';
import { nodeAddresses } from './addresses.ts';
import { joinLan } from './lan.ts';
import { conflist, kubeletConfig, proxyArguments, STATIC_PODS } from './nodefiles.ts';
import { type Plane } from './plane.ts';
import { type NodeRuntime, type Programs } from './programs.ts';

/** A machine with container runtime, kubelet and kube-proxy. */
export interface ClusterNode {
  readonly name: string;
  readonly host: Host;
  readonly containerd: Containerd;
  /** What the primary CNI has written to CONFLIST. */
  readonly network: string;
  readonly stop: (part: Part) => Promise<void>;
  readonly start: (part: Part) => Promise<void>;
  /** Every process but the first is killed, /run becomes empty, and what the kernel held of pods is gone. */
  readonly reboot: () => Promise<void>;
}

/** What speaks to the API server. */
export type Part = 'kubelet' | 'kube-proxy';

export interface NodeOptions {
  readonly programs: Programs;
  readonly runtime: NodeRuntime;
  readonly directory: string;
  readonly number: number;
}

export const NODE_NAMES = ['node-1', 'node-2'] as const;
export const CONFLIST = '/etc/cni/net.d/10-podnet.conflist';

/** Its primary network is configured already. */
export async function startNode(plane: Plane, options: NodeOptions): Promise<ClusterNode> {
  const { programs, runtime, directory, number } = options;
  const name = `node-${number}`;
  const host = await startHost({ name, directory });
  await joinLan(plane.host, host, number);
  const network = conflist(number, runtime.cniVersion);
  await writeFiles(host, network, runtime.plugins);
  const containerd = await startContainerd(host, runtime, programs.crictl);
  for (const archive of programs.images) await containerd.load(archive);

  const commands: Readonly<Record<Part, readonly string[]>> = {
    kubelet: [
      `--config=${join(directory, 'kubelet.json')}`,
      `--kubeconfig=${join(plane.directory, `${name}.kubeconfig`)}`,
      `--hostname-override=${name}`,
      `--node-ip=${Object.values(nodeAddresses(number)).join(',')}`,
    ],
    'kube-proxy': proxyArguments(name, join(plane.directory, 'proxy.kubeconfig')),
  };
  const running = new Map<Part, Daemon>();
  const start = async (part: Part): Promise<void> => {
    running.set(part, host.daemon(part, join(programs.kubernetes, part), commands[part]));
  };
  await start('kubelet');
  await start('kube-proxy');
  const loseAll = async (): Promise<void> => {
    await host.exec('sh', ['-c', powerLoss], { reject: false });
  };
  return {
    name,
    host,
    containerd,
    network,
    start,
    reboot: async () => {
      await loseAll();
      await containerd.restart();
      await start('kubelet');
      await start('kube-proxy');
    },
    stop: async (part) => {
      await running.get(part)?.stop();
    },
  };
}

const script = `
mkdir -p /etc/cni/net.d /opt/cni/bin ${STATIC_PODS}
cat > "$1"
for directory in $2; do cp "$directory"/* /opt/cni/bin/; done
`;

/** Whoever does it has to outlive it; kill -1 spares the first process and the one that asks. */
const powerLoss = `
kill -KILL -1
sleep 1
grep -E ' /(run|var/lib/kubelet)/' /proc/mounts | cut -d ' ' -f 2 | sort -r | xargs -r umount -l
umount -l /run
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/lock /run/netns
ip link del cni0
nft flush ruleset
`;

async function writeFiles(host: Host, network: string, plugins: readonly string[]): Promise<void> {
  await writeFile(join(host.directory, 'kubelet.json'), JSON.stringify(kubeletConfig));
  await host.exec('sh', ['-ec', script, 'sh', CONFLIST, plugins.join(' ')], { input: network });
}
