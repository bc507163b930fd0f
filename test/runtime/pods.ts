import assert from 'node:assert/strict';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { listRecords } from '../../cni/record.ts';
import { until } from '../agent/until.ts';
import { type PodSandbox } from '../bed/criconfig.ts';
import { type Done } from '../bed/host.ts';
import { injected } from '../support/call.ts';
import { holdings } from '../support/holdings.ts';
import { type RuntimeNode } from './node.ts';
import { uidOf } from './uid.ts';

type Annotations = Readonly<Record<string, string>>;

/** What kubelet adds to every pod. */
export const plain: Annotations = { 'kubernetes.io/config.source': 'api' };
export const meshed: Annotations = { ...plain, ...injected };

export function podOf(name: string, annotations: Annotations): PodSandbox {
  return { namespace: 'default', name, uid: uidOf(name), annotations };
}

/** Asks the runtime for the sandbox of a pod with the UID of its name. Never rejects because of how it ends. */
export function tryPod({ containerd }: RuntimeNode, name: string, of: Annotations): Promise<Done> {
  return containerd.crictl.runPod(podOf(name, of));
}

/** The same, which must end well: the sandbox's ID. */
export async function startPod(node: RuntimeNode, name: string, of: Annotations): Promise<string> {
  const { stdout, stderr, exitCode } = await tryPod(node, name, of);
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

/** What the plugin may have put into the pod's netns. */
export async function held({ containerd }: RuntimeNode, id: string): Promise<string[]> {
  return holdings({ name: id, path: await containerd.crictl.netnsOf(id) });
}

export function recordOf({ host }: RuntimeNode, id: string): AttachmentRecord | undefined {
  return listRecords(host.path('/var/lib/sluice')).find(({ containerId }) => containerId === id);
}

interface Info {
  readonly cniconfig: {
    readonly Networks?:
      | readonly {
          readonly Config: {
            readonly Name: string;
            readonly Plugins: readonly { readonly Network: { readonly type: string } }[];
          };
        }[]
      | null;
  };
}

/** The plugins of the network, as the runtime says that it has loaded them. */
export async function loaded({ containerd }: RuntimeNode): Promise<readonly string[]> {
  const { stdout } = await containerd.crictl.run(['info']);
  const { cniconfig } = JSON.parse(stdout) as Info;
  const network = cniconfig.Networks?.find(({ Config }) => Config.Name === 'net');
  return network?.Config.Plugins.map(({ Network }) => Network.type) ?? [];
}

/** The runtime hears of a file a moment after it was written: pods that start before are none of ours. */
export async function untilLoaded(node: RuntimeNode, types: readonly string[]): Promise<void> {
  await until(async () => (await loaded(node)).join() === types.join());
}

/** The network of every node here, with our entry. */
export const WITH_OURS = ['bridge', 'portmap', 'sluice-cni'];
