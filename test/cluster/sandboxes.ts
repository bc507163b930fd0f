import { rm, writeFile } from 'node:fs/promises';
import { type ClusterNode } from './node.ts';
import { STATIC_PODS } from './nodefiles.ts';
import { pod } from './pods.ts';
import { untilTrue } from './until.ts';

/** What the runtime of a node knows of a pod, whoever knows more being out of reach. */
export interface Sandbox {
  readonly id: string;
  readonly address: string;
}

interface Listed {
  readonly items: readonly { readonly id: string; readonly createdAt: string }[];
}

interface Inspected {
  readonly status: { readonly network?: { readonly ip?: string } };
}

/** The pod's sandbox that is running; undefined where there is none. */
export async function sandboxOf(node: ClusterNode, pod: string): Promise<Sandbox | undefined> {
  const { run } = node.containerd.crictl;
  const wanted = [`--label=io.kubernetes.pod.name=${pod}`, '--state=ready', '--output=json'];
  const { stdout } = await run(['pods', ...wanted]);
  const [found] = (JSON.parse(stdout) as Listed).items;
  if (!found) return undefined;
  const inspected = JSON.parse((await run(['inspectp', found.id])).stdout) as Inspected;
  return { id: found.id, address: inspected.status.network?.ip ?? '' };
}

/** Waits until the pod has a sandbox in which its app runs. */
export async function untilRunning(
  node: ClusterNode,
  pod: string,
  timeoutMs?: number,
): Promise<Sandbox> {
  let sandbox: Sandbox | undefined;
  await untilTrue(
    `${pod} runs`,
    async () => {
      sandbox = await sandboxOf(node, pod);
      return sandbox !== undefined && (await hasApp(node, sandbox.id));
    },
    { timeoutMs },
  );
  if (!sandbox) throw new Error(`cannot find a sandbox of ${pod}: it ran a moment ago`);
  return sandbox;
}

async function hasApp(node: ClusterNode, id: string): Promise<boolean> {
  const wanted = [`--pod=${id}`, '--name=^app$', '--state=running', '--quiet'];
  return (await node.containerd.crictl.run(['ps', ...wanted])).stdout !== '';
}

/** An un-meshed pod of which the node knows without an API server; there it is called `<name>-<node>`. */
export async function startStatic({ host }: ClusterNode, name: string): Promise<void> {
  await writeFile(host.path(staticFile(name)), JSON.stringify(pod(name)));
}

export async function removeStatic({ host }: ClusterNode, name: string): Promise<void> {
  await rm(host.path(staticFile(name)), { force: true });
}

function staticFile(name: string): string {
  return `${STATIC_PODS}/${name}.json`;
}
