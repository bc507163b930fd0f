import { readFile } from 'node:fs/promises';
import { type Cluster } from './cluster.ts';
import { untilTrue } from './until.ts';

export const MANIFEST = 'DaemonSet.yaml';
const here = ['--namespace=sluice-system'];

/** As an operator does it, up to an agent that is Ready on each node. */
export async function install(cluster: Cluster): Promise<void> {
  // A deletion before may not be over.
  await untilTrue('the namespace is not being deleted', async () => {
    const path = '--output=jsonpath={.metadata.deletionTimestamp}';
    return (
      '' ===
      (await cluster.kubectl(['get', 'namespace', 'sluice-system', '--ignore-not-found', path]))
    );
  });
  await cluster.kubectl(['apply', '-f', '-'], await readFile(MANIFEST, 'utf8'));
  await untilInstalled(cluster);
}

export async function untilInstalled({ kubectl }: Cluster): Promise<void> {
  await kubectl(['rollout', 'status', 'daemonset/sluice-agent', ...here, '--timeout=120s']);
}

/** Of the agent on that node. */
export async function agentOf({ kubectl }: Cluster, nodeName: string): Promise<string> {
  const select = [
    '--selector=app.kubernetes.io/name=sluice-agent',
    `--field-selector=spec.nodeName=${nodeName}`,
  ];
  return kubectl([
    'get',
    'pods',
    ...here,
    ...select,
    '--output=jsonpath={.items[0].metadata.name}',
  ]);
}

export async function agentLog(cluster: Cluster, nodeName: string): Promise<string> {
  return cluster.kubectl(['logs', ...here, await agentOf(cluster, nodeName)]);
}
