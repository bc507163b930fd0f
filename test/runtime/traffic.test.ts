import assert from 'node:assert/strict';
import { until } from '../agent/until.ts';
import { provideImage } from '../bed/images.ts';
import { runtimeNode } from './node.ts';
import { meshed, plain, podOf, startPod } from './pods.ts';

interface Pod {
  readonly app: string;
  /** IPv4, IPv6. */
  readonly addresses: readonly string[];
}

const serve = 'hostname > /tmp/index.html && exec httpd -f -p 8080 -h /tmp';

describe('traffic of a meshed pod that containerd (debian) has started', function () {
  this.timeout(120_000);
  const node = runtimeNode('debian', '1.0.0');
  let [web, peer]: Pod[] = [];
  let sidecar = '';

  before(async () => {
    const { containerd, agent } = node();
    for (const image of ['box', 'sidecar'] as const) {
      await containerd.load(await provideImage(image));
    }
    await agent.start();
    agent.addPod('web-0');
    const start = async (name: string, annotations: typeof plain): Promise<[string, Pod]> => {
      const id = await startPod(node(), name, annotations);
      const container = {
        name: 'app',
        image: 'box',
        command: ['sh', '-c', serve],
        id: 1000,
      } as const;
      const pod = podOf(name, annotations);
      const app = await containerd.crictl.startContainer(id, pod, container);
      return [id, { app, addresses: await containerd.crictl.addressesOf(id) }];
    };
    let id: string;
    [id, web] = await start('web-0', meshed);
    [, peer] = await start('peer', plain);
    const proxy = { name: 'istio-proxy', image: 'sidecar', id: 1337 } as const;
    sidecar = await containerd.crictl.startContainer(id, podOf('web-0', meshed), proxy);
    await untilListening(web, [
      ':::8080',
      '0.0.0.0:15006',
      ':::15006',
      '0.0.0.0:15001',
      ':::15001',
    ]);
    await untilListening(peer, [':::8080']);
  });

  for (const [index, family] of ['IPv4', 'IPv6'].entries()) {
    it(`passes the sidecar, ${family}`, async () => {
      const [from, to] = [peer, web].map((pod) => pod?.addresses[index] ?? '');
      assert.equal(await ask(peer, to), 'web-0');
      await untilLogged(new RegExp(`^inbound ${from} \\d+ ${to} 8080$`, 'm'));
      assert.equal(await ask(web, from), 'peer');
      await untilLogged(new RegExp(`^outbound ${to} \\d+ ${from} 8080$`, 'm'));
    });
  }

  async function inside(pod: Pod | undefined, command: readonly string[]): Promise<string> {
    return (await node().containerd.crictl.run(['exec', pod?.app ?? '', ...command])).stdout.trim();
  }

  async function ask(pod: Pod | undefined, address = ''): Promise<string> {
    const host = address.includes(':') ? `[${address}]` : address;
    return inside(pod, ['wget', '-q', '-O-', `http://${host}:8080/`]);
  }

  async function untilListening(pod: Pod, endpoints: readonly string[]): Promise<void> {
    await until(async () => {
      const listening = await inside(pod, ['netstat', '-ltn']);
      return endpoints.every((each) => listening.includes(`${each} `));
    });
  }

  async function untilLogged(line: RegExp): Promise<void> {
    await until(async () => {
      const { stdout } = await node().containerd.crictl.run(['logs', sidecar]);
      return line.test(stdout);
    });
  }
});
