import { type ApiServer } from './apiserver.ts';
import { until } from './apiserveragent.ts';

type Kubectl = Pick<ApiServer, 'kubectl'>;

const inNamespace = '--namespace=sluice-system';
const account = 'system:serviceaccount:sluice-system:sluice-agent';

/** Gives a ClusterRole to the agent's account, and waits until that may do what it is for, in words of `can-i`. */
export async function bindRole(server: Kubectl, role: string, right: string): Promise<void> {
  await server.kubectl([
    ...['create', 'clusterrolebinding', role, `--clusterrole=${role}`],
    '--serviceaccount=sluice-system:sluice-agent',
  ]);
  await untilAllowed(server, [...right.split(' '), `--as=${account}`]);
}

/** Waits until the API server has heard of all roles and bindings there are: it is a moment behind what it has stored. */
export async function untilRightsCount(server: Kubectl): Promise<void> {
  const { kubectl } = server;
  // It hears of each kind in order, so who knows the last of each knows all.
  await kubectl(['create', 'clusterrole', 'last', '--verb=get', '--resource=configmaps']);
  await kubectl(['create', 'clusterrolebinding', 'last', '--clusterrole=last', '--user=last']);
  await kubectl(['create', 'role', 'last', '--verb=get', '--resource=secrets', inNamespace]);
  await kubectl(['create', 'rolebinding', 'last', '--role=last', '--user=last', inNamespace]);
  for (const resource of ['configmaps', 'secrets']) {
    await untilAllowed(server, ['get', resource, inNamespace, '--as=last']);
  }
}

async function untilAllowed({ kubectl }: Kubectl, question: readonly string[]): Promise<void> {
  await until(
    () => kubectl(['auth', 'can-i', ...question]).catch(String),
    (answer) => answer === 'yes',
  );
}
