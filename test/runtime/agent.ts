import { mkdir } from 'node:fs/promises';
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
  /** Lets the API server know a meshed pod of this node, with the UID of its name. */
  readonly addPod: (name: string) => void;
  /** Of the Events that it has posted. */
  readonly reasons: () => unknown[];
}

type Environment = Readonly<Record<string, string>>;

const SOCKET = '/run/sluice/agent.sock';

/** @param runtime as the Node says it */
export async function createAgent(host: Host, runtime: string, cleanup: Cleanup): Promise<Agent> {
  const directory = join(host.directory, 'api');
  await mkdir(directory);
  const server = await fakeApiServer(directory);
  cleanup.add(() => server.stop());
  const status = { nodeInfo: { containerRuntimeVersion: runtime } };
  server.objects.set('/api/v1/nodes/n1', { kind: 'Node', status });
  cleanup.add(await relayInto(host, Number(server.access.port)));
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
  const missing = (): Promise<readonly string[] | undefined> => missingOf(host.path(SOCKET));
  return {
    missing,
    addPod: (name) => {
      server.history.set({ namespace: 'default', name, uid: uidOf(name) });
    },
    reasons: () => server.writes.bodies('/events').map(({ reason }) => reason),
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

async function missingOf(socketPath: string): Promise<readonly string[] | undefined> {
  try {
    const asked = request({ socketPath, path: '/v1/status', agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return ((await json(response)) as { readonly missing: readonly string[] }).missing;
  } catch {
    return undefined; // it does not listen yet
  }
}
