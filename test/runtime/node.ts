import { cp, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Containerd, startContainerd } from '../bed/containerd.ts';
import { provideCrictl } from '../bed/crictl.ts';
import { say } from '../bed/goprogram.ts';
import { type Host, startHost, whyNoHost } from '../bed/host.ts';
import { provideImage } from '../bed/images.ts';
import { findRuntime, type Runtime, type RuntimeName } from '../bed/runtimes.ts';
import { type Conflist } from '../support/chain.ts';
import { createCleanup } from '../support/cleanup.ts';
import { provideLibcni } from '../support/libcni.ts';
import { type Agent, createAgent } from './agent.ts';

/** A node with a real runtime and a network of the reference plugins, and what of the project is put on it. */
export interface RuntimeNode {
  readonly host: Host;
  readonly containerd: Containerd;
  readonly agent: Agent;
}

export const CONFLIST = '/etc/cni/net.d/10-net.conflist';

interface Requirements {
  readonly runtime: Runtime;
  readonly crictl: string;
  readonly libcni: string;
}

/** For the tests of this `describe`; where something is missing, `this.skip()` and a line that says what. */
export function runtimeNode(
  runtime: RuntimeName,
  cniVersion: '1.0.0' | '1.1.0',
  { hasNetwork = true } = {},
): () => RuntimeNode {
  const cleanup = createCleanup();
  let node: RuntimeNode | undefined;
  before(async function () {
    this.timeout(600_000);
    const found = await requirements(runtime);
    if ('missing' in found) {
      say(`skipped: ${found.missing}`);
      this.skip();
    }
    const directory = await mkdtemp(join(tmpdir(), 'sluice-bed-'));
    const host = await startHost({ name: 'n1', directory });
    cleanup.add(host.stop);
    const containerd = await startContainerd(host, found.runtime, found.crictl);
    await containerd.load(await provideImage('pause'));
    for (const plugins of ['/usr/lib/cni', ...(cniVersion === '1.1.0' ? [found.libcni] : [])]) {
      await cp(plugins, host.path('/opt/cni/bin'), { recursive: true });
    }
    if (hasNetwork) await writeNetwork(host, CONFLIST, primary(cniVersion));
    node = {
      host,
      containerd,
      agent: await createAgent(host, await containerd.crictl.runtimeVersion(), cleanup),
    };
  });
  after(() => cleanup.run());
  return () => {
    if (!node) throw new Error('cannot use the node: it was not started');
    return node;
  };
}

async function requirements(name: RuntimeName): Promise<Requirements | { missing: string }> {
  const obstacle = whyNoHost();
  if (obstacle !== undefined) return { missing: obstacle };
  const runtime = await findRuntime(name);
  if ('missing' in runtime) return runtime;
  const [crictl, libcni] = [await provideCrictl(), await provideLibcni()];
  if ('missing' in crictl) return crictl;
  if ('missing' in libcni) return libcni;
  return { runtime, crictl: crictl.directory, libcni: libcni.directory };
}

/** As those who own such files write them: whoever reads finds all or nothing. */
export async function writeNetwork(host: Host, file: string, network: object): Promise<void> {
  const unfinished = `${file}.tmp`;
  await writeFile(host.path(unfinished), JSON.stringify(network, undefined, 2));
  await rename(host.path(unfinished), host.path(file));
}

/** What a node has before Sluice comes. */
export function primary(cniVersion: string): Conflist {
  const ranges = [[{ subnet: '10.77.0.0/24' }], [{ subnet: 'fd00:10:77::/64' }]];
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
  const ipam = { type: 'host-local', ranges, routes };
  return {
    cniVersion,
    name: 'net',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
