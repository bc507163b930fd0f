import { mkdir, readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { fakeApiServer } from '../agent/apiserver.ts';
import { until } from '../agent/until.ts';
import { type Daemon } from '../bed/daemon.ts';
import { type Host } from '../bed/host.ts';
import { relayInto } from '../bed/relay.ts';
import { type Cleanup } from '../support/cleanup.ts';
import { type PodChanges } from '../support/pod.ts';
import { executable } from '../support/plugin.ts';
import { uidOf } from './uid.ts';

/** The packaged agent of a node, with an API server that knows the pods it is told. */
export interface Agent {
  readonly launch: (env?: Environment) => void;
  /** Launches it, and waits until it says that nothing is missing. */
  readonly start: (env?: Environment) => Promise<void>;
  /** As kubelet does: SIGTERM. */
  readonly stop: () => Promise<void>;
  /** What it lacks to be ready, one sentence each; undefined while it does not answer. */
  readonly missing: () => Promise<readonly string[] | undefined>;
  /** How many pods it has heard of; undefined while it does not answer. */
  readonly known: () => Promise<number | undefined>;
  /** Lets the API server know a meshed pod of this node, with the UID of its name if none is given. */
  readonly addPod: (name: string, changes?: PodChanges) => void;
  readonly removePod: (name: string) => void;
  /** Of the Events that it has posted, about all pods or the one with this UID. */
  readonly reasons: (uid?: string) => unknown[];
}

type Environment = Readonly<Record<string, string>>;

const SOCKET = '/run/sluice/agent.sock';

/** @param runtime as the Node says it */
export async function createAgent(host: Host, runtime: string, cleanup: Cleanup): Promise<Agent> {
  const directory = join(host.directory, 'api');
  await mkdir(directory);
  const server = await fakeApiServer(directory);
  cleanup.add(() => server.stop());
  const nodeInfo = { containerRuntimeVersion: runtime };
  server.objects.set('/api/v1/nodes/n1', { kind: 'Node', status: { nodeInfo } });
  const port = Number(server.access.port);
  cleanup.add(await relayInto(host, port));
  // What an agent asks in vain at its start, it may ask again a minute later.
  await until(() => hasListener(host, port));
  let daemon: Daemon | undefined;
  const launch = (changes: Environment = {}): Daemon => {
    const env = {
      NODE_NAME: 'n1',
      SLUICE_SERVICE_ACCOUNT_DIR: server.access.serviceAccountDir,
      KUBERNETES_SERVICE_HOST: server.access.host,
      KUBERNETES_SERVICE_PORT: server.access.port,
      ...changes,
    };
    return (daemon = host.daemon('agent', executable, ['agent'], { env }));
  };
  const status = (): Promise<Status | undefined> => statusOf(host.path(SOCKET));
  const missing = async (): Promise<readonly string[] | undefined> => (await status())?.missing;
  return {
    missing,
    known: async () => (await status())?.pods.known,
    addPod: (name, changes = {}) => {
      server.history.set({ namespace: 'default', name, uid: uidOf(name), ...changes });
    },
    removePod: (name) => {
      server.history.remove('default', name);
    },
    reasons: (uid) => {
      const events = server.writes.bodies('/events') as unknown as readonly Posted[];
      const wanted = events.filter(
        (event) => uid === undefined || event.involvedObject.uid === uid,
      );
      return wanted.map(({ reason }) => reason);
    },
    launch,
    start: async (env) => {
      const started = launch(env);
      await until(async () => {
        if (!started.isRunning()) throw new Error(`the agent ended: ${await started.tail()}`);
        return (await missing())?.length === 0;
      });
    },
    stop: async () => {
      await daemon?.stop();
    },
  };
}

async function hasListener({ pid }: Host, port: number): Promise<boolean> {
  const sockets = await readFile(`/proc/${pid}/net/tcp`, 'utf8');
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  return sockets.includes(`:${local} 00000000:0000 0A`);
}

interface Posted {
  readonly reason: string;
  readonly involvedObject: { readonly uid: string };
}

interface Status {
  readonly missing: readonly string[];
  readonly pods: { readonly known: number };
}

async function statusOf(socketPath: string): Promise<Status | undefined> {
  try {
    const asked = request({ socketPath, path: '/v1/status', agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return (await json(response)) as Status;
  } catch {
    return undefined; // it does not listen yet
  }
}
