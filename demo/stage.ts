import { mkdir } from 'node:fs/promises';
import { serveAgent, type FakeAgent } from '../test/support/agent.ts';
import { addAttachment, type Added, type Attachment, type Runtime } from '../test/support/chain.ts';
import { createCallers } from '../test/support/callers.ts';
import { type Cleanup } from '../test/support/cleanup.ts';
import { type Netns } from '../test/support/netns.ts';
import { type Daemon } from '../test/support/process.ts';
import { startSidecar } from '../test/support/sidecar.ts';
import { serveDns, serveHttp } from '../test/support/traffic.ts';
import {
  addressesOf,
  attachmentOf,
  connectPeer,
  createRuntime,
  netnsMaker,
  peerAddress,
} from './node.ts';
import { excluded, meshedPod, unmeshedPod } from './pods.ts';
import { type World } from './travel.ts';
import { dnsAnswers, users } from './trips.ts';

/** A pod as its runtime knows it. */
export interface RunningPod {
  readonly name: string;
  readonly netns: Netns;
  readonly attachment: Attachment;
  readonly added: Added;
}

export interface Stage {
  readonly runtime: Runtime;
  readonly agent: FakeAgent;
  readonly stateDir: string;
  readonly meshed: RunningPod;
  readonly unmeshed: RunningPod;
  readonly world: World;
}

export interface StageOptions {
  /** Names of network namespaces begin with it. */
  readonly prefix: string;
  /** Must not exist yet. */
  readonly directory: string;
  /** Where `sluice-cni` is. */
  readonly pluginPath: string;
  /** Called before each step. */
  readonly step: (title: string) => void;
  readonly cleanup: Cleanup;
}

/** Builds all that the demo talks about; whatever it has made so far is in `cleanup`. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { prefix, directory, pluginPath, step, cleanup } = options;
  const makeNetns = netnsMaker(prefix, cleanup);

  step('a node: its own network namespace, a peer outside, an agent that knows two pods');
  await mkdir(directory, { mode: 0o755 });
  const [node, peer] = [await makeNetns('node'), await makeNetns('peer')];
  await connectPeer(node, peer);
  const runtime = createRuntime(node, directory, pluginPath);
  const agent = await serveAgent(`${directory}/agent.sock`, [meshedPod, unmeshedPod]);
  cleanup.add(agent.close);

  const startPod = async ({ metadata }: typeof meshedPod | typeof unmeshedPod) => {
    step(`ADD of pod ${metadata.name}: ${chainOf(runtime)}`);
    const netns = await makeNetns(metadata.name);
    const attachment = attachmentOf(netns, metadata);
    const added = await addAttachment(runtime, attachment);
    return { name: metadata.name, netns, attachment, added };
  };
  const meshed = await startPod(meshedPod);
  const unmeshed = await startPod(unmeshedPod);

  step('containers: HAProxy as the sidecar, applications, nameservers');
  const netns = { meshed: meshed.netns, unmeshed: unmeshed.netns, peer };
  const sidecar = await startSidecar(meshed.netns, directory);
  cleanup.add(sidecar.stop);
  for (const server of await startServers(netns)) cleanup.add(server.stop);

  const callers = createCallers();
  cleanup.add(callers.stop);

  const addresses = {
    meshed: addressesOf(meshed.added.result),
    unmeshed: addressesOf(unmeshed.added.result),
    peer: peerAddress,
  };
  const stateDir = `${directory}/state`;
  const world = { netns, addresses, sidecar, callers };
  return { runtime, agent, stateDir, meshed, unmeshed, world };
}

function startServers({ meshed, unmeshed, peer }: World['netns']): Promise<readonly Daemon[]> {
  return Promise.all([
    serveHttp({ netns: meshed, uid: users.app }, 'meshed', [8080, excluded.inbound]),
    serveHttp({ netns: unmeshed, uid: users.app }, 'unmeshed', [8080]),
    serveHttp({ netns: peer, uid: users.app }, 'peer', [8080, excluded.outbound]),
    serveDns({ netns: meshed, uid: users.sidecar }, dnsAnswers.sidecar, {
      port: 15053,
      addresses: ['127.0.0.1', '::1'],
    }),
    serveDns({ netns: peer, uid: users.app }, dnsAnswers.upstream, {
      port: 53,
      addresses: Object.values(peerAddress),
    }),
  ]);
}

export function chainOf({ conflist }: Runtime): string {
  return conflist.plugins.map(({ type }) => type).join(', ');
}
