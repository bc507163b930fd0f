import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Cluster } from './cluster.ts';
import { APP_PORT } from './pods.ts';
import { untilTrue } from './until.ts';

/** What scenarios want to know of a pod. */
export interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly InitStatus[];
  };
}

interface InitStatus {
  readonly restartCount: number;
  readonly state: { readonly waiting?: { readonly reason: string } };
  /** How it ended before this try. */
  readonly lastState: {
    readonly terminated?: { readonly exitCode: number; readonly startedAt: string };
  };
}

export async function apply({ kubectl }: Cluster, ...items: readonly object[]): Promise<void> {
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** Of an app in namespace default. */
export async function podsOf({ kubectl }: Cluster, app: string): Promise<readonly SeenPod[]> {
  const answer = await kubectl(['get', 'pods', `--selector=app=${app}`, '--output=json']);
  return (JSON.parse(answer) as { readonly items: readonly SeenPod[] }).items;
}

/** Waits until an app has so many pods and all are Ready. */
export async function readyPods(
  cluster: Cluster,
  app: string,
  { count = 1, timeoutMs = 90_000 } = {},
): Promise<readonly [SeenPod, ...SeenPod[]]> {
  let pods: readonly SeenPod[] = [];
  const holds = async (): Promise<boolean> => {
    pods = await podsOf(cluster, app);
    return pods.length === count && pods.every(isReady);
  };
  try {
    await untilTrue(`${count} of ${app} are Ready`, holds, { timeoutMs });
  } catch (cause) {
    const told = await Promise.all(pods.map((pod) => eventsOf(cluster, pod)));
    throw new Error(`there are ${pods.length} pods of "${app}":${told.join('')}`, { cause });
  }
  const [first, ...rest] = pods;
  if (first === undefined) throw new Error(`cannot find a pod of "${app}": wanted ${count}`);
  return [first, ...rest];
}

export function isReady({ status }: SeenPod): boolean {
  return (status.conditions ?? []).some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
}

/** In a container of a pod in namespace default. */
export function inPod(
  { kubectl }: Cluster,
  pod: SeenPod,
  command: readonly string[],
  container = 'app',
): Promise<string> {
  return kubectl(['exec', pod.metadata.name, `--container=${container}`, '--', ...command]);
}

/** The address of a pod: the first, or that of the family. */
export function addressOf({ status }: SeenPod, family?: Family): string {
  const addresses = (status.podIPs ?? []).map(({ ip }) => ip);
  const wanted = addresses.filter((ip) => !family || ip.includes(':') === (family === 'ipv6'));
  return wanted[0] ?? '';
}

/** What the app of a pod answers to that of another: its name. Rejects where it does not answer. */
export async function ask(cluster: Cluster, client: SeenPod, address: string): Promise<string> {
  // The wget of Debian's busybox dies of looking for names, since it is linked statically.
  const script = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${address} ${APP_PORT} | tail -n 1`;
  return (await inPod(cluster, client, ['sh', '-c', script])).trim();
}

/** Waits until the proxies of both have told of a connection from one app to the other. */
export async function untilPassed(
  cluster: Cluster,
  client: SeenPod,
  server: SeenPod,
  family: Family = 'ipv4',
): Promise<void> {
  const [from, to] = [addressOf(client, family), addressOf(server, family)];
  const passage = new RegExp(`bound ${from} \\d+ ${to} ${APP_PORT}$`, 'm');
  await untilTrue(`both proxies tell of ${from} and ${to}`, async () => {
    const told = [await passages(cluster, client), await passages(cluster, server)];
    return told.every((lines) => passage.test(lines));
  });
}

/** What the pod's proxy passed on: lines as `outbound 10.77.2.5 41234 10.77.1.3 8080`. */
export function passages({ kubectl }: Cluster, pod: SeenPod): Promise<string> {
  return kubectl(['logs', pod.metadata.name, '--container=istio-proxy']);
}

/** The reasons and sentences that `kubectl describe` shows of it. */
export async function eventsOf({ kubectl }: Cluster, pod: SeenPod): Promise<string> {
  const description = await kubectl(['describe', 'pod', pod.metadata.name]);
  return description.slice(description.indexOf('\nEvents:'));
}
