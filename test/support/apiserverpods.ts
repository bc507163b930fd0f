import { type ApiServer } from './apiserver.ts';
import { nodeName } from './apiserveragent.ts';

interface Options {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly node?: string;
}

/** Creates pods of namespace default, as if the scheduler had put them on the agent's node. */
export async function createPods(
  { kubectl }: ApiServer,
  names: readonly string[],
  options: Options = {},
): Promise<void> {
  const items = names.map((name) => meshedPod(name, options));
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** No kubelet has to agree. */
export async function deletePod({ kubectl }: ApiServer, name: string): Promise<void> {
  await kubectl(['delete', 'pod', name, '--force', '--grace-period=0']);
}

export async function uidOf({ kubectl }: ApiServer, name: string): Promise<string> {
  return kubectl(['get', 'pod', name, '--output=jsonpath={.metadata.uid}']);
}

function meshedPod(name: string, { annotations, node = nodeName }: Options): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web' },
      annotations: { 'sidecar.istio.io/status': '{}', ...annotations },
    },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      containers: [
        { name: 'app', image: 'app', env: [{ name: 'PASSWORD', value: 'hunter2' }] },
        {
          name: 'istio-proxy',
          image: 'proxy',
          args: ['proxy', 'sidecar'],
          securityContext: { runAsUser: 1337, runAsGroup: 1337 },
        },
      ],
    },
  };
}
