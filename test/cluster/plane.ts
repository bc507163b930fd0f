import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, issue } from '../cni/facts/pki.ts';
import { type Host, startHost } from '../bed/host.ts';
import { type Daemon } from '../bed/daemon.ts';
import { auditPolicy, kubeconfig } from '../support/apiservercommand.ts';
import { PLANE } from './addresses.ts';
import { openLan } from './lan.ts';
import * as commands from './planecommand.ts';
import { untilTrue } from './until.ts';

/** A control plane on a machine of its own. */
export interface Plane {
  readonly host: Host;
  /** Holds `<user>.kubeconfig` for each user of tokens.csv, and ca.crt. */
  readonly directory: string;
  /** A line for each request of a service account or a node. */
  readonly auditFile: string;
  /** As an administrator. Rejects with what kubectl said if it does not succeed. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly stopServer: () => Promise<void>;
  /** With other credentials, if they are given. Nothing happens where it runs. */
  readonly startServer: (credentials?: Partial<commands.Credentials>) => Promise<void>;
  /** The ones that it began with. */
  readonly credentials: commands.Credentials;
  /** Scheduler included. They look at files and tokens when they start. */
  readonly restartControllers: () => Promise<void>;
}

/** Of the API server's certificate. */
export const SERVER_NAMES = `IP:127.0.0.1,IP:${PLANE.ipv4},IP:10.96.0.1`;

/** @param directory see startHost() */
export async function startPlane(
  binaries: string,
  directory: string,
  nodeNames: readonly string[],
): Promise<Plane> {
  const host = await startHost({ name: 'plane', directory });
  const place = await writeFiles(binaries, join(directory, 'plane'), nodeNames);
  const daemon = ([file = '', ...args]: readonly string[]): Daemon =>
    host.daemon(file.slice(file.lastIndexOf('/') + 1), file, args);

  const kubectl: Plane['kubectl'] = async (args, input = '') => {
    const env = { KUBECONFIG: join(place.directory, `${commands.ADMINISTRATOR}.kubeconfig`) };
    const options = { env, input, timeoutMs: 150_000 };
    return (await host.exec(join(binaries, 'kubectl'), args, options)).stdout;
  };
  let server: Daemon | undefined;
  const startServer = async (credentials?: Partial<commands.Credentials>): Promise<void> => {
    if (server?.isRunning()) return;
    server = daemon(commands.server({ ...place, ...credentials }));
    await untilTrue('the API server answers', async () => {
      const answer = await kubectl(['get', '--raw', '/readyz']).catch(() => '');
      return answer === 'ok';
    });
  };

  await openLan(host);
  daemon(commands.etcd(place));
  await startServer();
  const startControllers = (): Daemon[] =>
    [commands.controllers(place), commands.scheduler(place)].map(daemon);
  let controllers = startControllers();
  const user = ['--clusterrole=system:node-proxier', '--user=system:kube-proxy'];
  await kubectl(['create', 'clusterrolebinding', 'kube-proxy', ...user]);
  return {
    host,
    directory: place.directory,
    auditFile: join(place.directory, 'audit.log'),
    kubectl,
    startServer,
    credentials: place,
    restartControllers: async () => {
      for (const each of controllers) await each.stop();
      controllers = startControllers();
    },
    stopServer: async () => {
      // Whoever ends in peace says so, and kube-proxy would lead nobody there until it hears of the next.
      await server?.kill('SIGKILL');
      await server?.stop();
    },
  };
}

async function writeFiles(
  binaries: string,
  directory: string,
  nodeNames: readonly string[],
): Promise<commands.PlanePlace> {
  await mkdir(directory);
  const authority = createAuthority(directory);
  const certificate = issue(directory, 'server', authority, SERVER_NAMES);
  const tokens = commands.tokens(nodeNames);
  await writeFile(join(directory, 'tokens.csv'), tokens);
  await writeFile(join(directory, 'audit.json'), JSON.stringify(auditPolicy));
  for (const [token = ''] of tokens.split('\n').map((line) => line.split(','))) {
    const config = kubeconfig(commands.SERVER_PORT, authority.certFile, {
      host: PLANE.ipv4,
      token,
    });
    await writeFile(join(directory, `${token}.kubeconfig`), JSON.stringify(config));
  }
  return { binaries, directory, certificate, accepted: [], caFile: authority.certFile };
}
