import { until } from '../agent/until.ts';
import { type PodSandbox } from '../bed/criconfig.ts';
import { provideImage } from '../bed/images.ts';
import { type RuntimeNode } from './node.ts';
import { meshed, plain, podOf, startPod } from './pods.ts';

/** A pod with an app on port 8080 that says its name. */
export interface App {
  readonly id: string;
  /** IPv4, IPv6. */
  readonly addresses: readonly string[];
  /** What the app at this address says to this one. */
  readonly ask: (address?: string) => Promise<string>;
  readonly untilListening: (endpoints: readonly string[]) => Promise<void>;
}

/** The same with a sidecar. */
export interface MeshedApp extends App {
  /** What the sidecar has written down: connections that it took, a line each. */
  readonly log: () => Promise<string>;
}

const serve = 'hostname > /tmp/index.html && exec httpd -f -p 8080 -h /tmp';

export async function loadImages({ containerd }: RuntimeNode): Promise<void> {
  for (const image of ['box', 'sidecar'] as const) await containerd.load(await provideImage(image));
}

export async function startApp(node: RuntimeNode, name: string, annotations = plain): Promise<App> {
  return addApp(node, await startPod(node, name, annotations), podOf(name, annotations));
}

/** Starts the app in a sandbox of that pod. */
async function addApp(
  { containerd: { crictl } }: RuntimeNode,
  id: string,
  pod: PodSandbox,
): Promise<App> {
  const app = { name: 'app', image: 'box', command: ['sh', '-c', serve], id: 1000 } as const;
  const container = await crictl.startContainer(id, pod, app);
  const inside = async (command: readonly string[]): Promise<string> =>
    (await crictl.run(['exec', container, ...command])).stdout.trim();
  const started: App = {
    id,
    addresses: await crictl.addressesOf(id),
    ask: (address = '') => {
      const host = address.includes(':') ? `[${address}]` : address;
      return inside(['wget', '-q', '-O-', `http://${host}:8080/`]);
    },
    untilListening: (endpoints) =>
      until(async () => {
        const listening = await inside(['netstat', '-ltn']);
        return endpoints.every((each) => listening.includes(`${each} `));
      }),
  };
  await started.untilListening([':::8080']);
  return started;
}

export async function startMeshedApp(node: RuntimeNode, name: string): Promise<MeshedApp> {
  const app = await startApp(node, name, meshed);
  const log = await addSidecar(node, app.id, podOf(name, meshed));
  await app.untilListening(DOORS);
  return { ...app, log };
}

/** As a native sidecar it is there before the app. */
export async function startNativelyMeshedApp(node: RuntimeNode, name: string): Promise<MeshedApp> {
  const pod = podOf(name, meshed);
  const id = await startPod(node, name, meshed);
  const log = await addSidecar(node, id, pod);
  const app = await addApp(node, id, pod);
  await app.untilListening(DOORS);
  return { ...app, log };
}

const DOORS = ['0.0.0.0:15006', ':::15006', '0.0.0.0:15001', ':::15001'];

async function addSidecar(
  { containerd: { crictl } }: RuntimeNode,
  id: string,
  pod: PodSandbox,
): Promise<MeshedApp['log']> {
  const proxy = { name: 'istio-proxy', image: 'sidecar', id: 1337 } as const;
  const sidecar = await crictl.startContainer(id, pod, proxy);
  return async () => (await crictl.run(['logs', sidecar])).stdout;
}
