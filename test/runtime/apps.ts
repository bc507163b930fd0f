import { until } from '../agent/until.ts';
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
  const { crictl } = node.containerd;
  const id = await startPod(node, name, annotations);
  const app = { name: 'app', image: 'box', command: ['sh', '-c', serve], id: 1000 } as const;
  const container = await crictl.startContainer(id, podOf(name, annotations), app);
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
  const { crictl } = node.containerd;
  const app = await startApp(node, name, meshed);
  const proxy = { name: 'istio-proxy', image: 'sidecar', id: 1337 } as const;
  const sidecar = await crictl.startContainer(app.id, podOf(name, meshed), proxy);
  await app.untilListening(['0.0.0.0:15006', ':::15006', '0.0.0.0:15001', ':::15001']);
  return { ...app, log: async () => (await crictl.run(['logs', sidecar])).stdout };
}
