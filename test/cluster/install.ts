import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { type Cluster } from './cluster.ts';
import { untilTrue } from './until.ts';

const here = ['--namespace=sluice-system'];

/** What a test has other than everybody: an image, or nodes without an agent. */
export interface Changes {
  readonly image?: string;
  readonly notOn?: string;
}

/** As an operator does it, up to an agent that is Ready on each node. */
export async function install(cluster: Cluster, changes: Changes = {}): Promise<void> {
  await applyManifest(cluster, changes);
  await untilInstalled(cluster);
}

/** Without waiting for anything but the end of a deletion before. */
export async function applyManifest({ kubectl }: Cluster, changes: Changes = {}): Promise<void> {
  const get = ['get', 'namespace', 'sluice-system', '--ignore-not-found'];
  await untilTrue('the namespace is not being deleted', async () => {
    const deletedAt = await kubectl([...get, '--output=jsonpath={.metadata.deletionTimestamp}']);
    return deletedAt === '';
  });
  await kubectl(['apply', '-f', '-'], await manifest(changes));
}

export async function untilInstalled({ kubectl }: Cluster): Promise<void> {
  await kubectl(['rollout', 'status', 'daemonset/sluice-agent', ...here, '--timeout=120s']);
}

/** As an operator does it. Nothing happens where nothing is installed. */
export async function uninstall({ kubectl }: Cluster): Promise<void> {
  const options = ['--ignore-not-found', '--timeout=120s'];
  await kubectl(['delete', ...options, '-f', '-'], await manifest({}));
}

interface AgentPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: readonly [{ readonly image: string }];
  };
  readonly status: { readonly containerStatuses: readonly { readonly restartCount: number }[] };
}

export async function agentsOf({ kubectl }: Cluster): Promise<readonly AgentPod[]> {
  const agent = '--selector=app.kubernetes.io/name=sluice-agent';
  const answer = await kubectl(['get', 'pods', ...here, agent, '--output=json']);
  return (JSON.parse(answer) as { readonly items: readonly AgentPod[] }).items;
}

/** The agent's pod on that node. */
export async function agentOf({ kubectl }: Cluster, nodeName: string): Promise<string> {
  const agent = ['--selector=app.kubernetes.io/name=sluice-agent'];
  const place = [`--field-selector=spec.nodeName=${nodeName}`];
  const output = '--output=jsonpath={.items[*].metadata.name}';
  return kubectl(['get', 'pods', ...here, ...agent, ...place, output]);
}

export async function agentLog(cluster: Cluster, nodeName: string): Promise<string> {
  return cluster.kubectl(['logs', ...here, await agentOf(cluster, nodeName)]);
}

async function manifest({ image, notOn }: Changes): Promise<string> {
  const documents = parseAllDocuments(await readFile('DaemonSet.yaml', 'utf8'));
  const daemonSet = documents.find((document) => document.get('kind') === 'DaemonSet');
  const pod = ['spec', 'template', 'spec'];
  if (image !== undefined) daemonSet?.setIn([...pod, 'containers', 0, 'image'], image);
  if (notOn !== undefined) daemonSet?.setIn([...pod, 'affinity'], awayFrom(notOn));
  return documents.join('');
}

function awayFrom(node: string): object {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: [node] }];
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
}
