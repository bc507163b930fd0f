import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { createAuthority, issue } from '../cni/facts/pki.ts';
import { findBinaries, say } from './apiserverbuild.ts';
import { auditPolicy, etcdCommand, kubeconfig, serverCommand } from './apiservercommand.ts';
import { freePorts } from './apiserverports.ts';
import { type Background, startBackground } from './apiserverprocess.ts';
import { type Cleanup } from './cleanup.ts';

/** A real kube-apiserver with its etcd; what the other parts of a cluster do, nobody does here. */
export interface ApiServer {
  readonly port: number;
  /** The certificate of whoever has signed the server's. */
  readonly caFile: string;
  /** A line for each request, without those of the server itself. */
  readonly auditFile: string;
  readonly directory: string;
  /** As an administrator. Rejects with what kubectl said if it does not succeed. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly stop: () => Promise<void>;
  /** Anew, with what it knew, at the same port. */
  readonly start: () => Promise<void>;
  /** Forgets all that was before now. */
  readonly compact: () => Promise<void>;
}

/**
 * One for the tests of this `describe`. Without the programs, `this.skip()` and a line that says so.
 *
 * @param cleanup run after all of them: who uses the server ends before it, and before the directory that all write to
 */
export function apiServer(cleanup: Cleanup): () => ApiServer {
  let server: ApiServer;
  before(async function () {
    const binaries = await findBinaries();
    if ('missing' in binaries) {
      say(`skipped: ${binaries.missing}`);
      this.skip();
    }
    const directory = await mkdtemp(join(tmpdir(), 'sluice-apiserver-'));
    cleanup.add(() => rm(directory, { recursive: true, force: true }));
    server = await prepare(binaries.directory, directory, cleanup.add);
    await server.start();
  });
  after(() => cleanup.run());
  return () => server;
}

async function prepare(
  binaries: string,
  directory: string,
  atEnd: (undo: () => unknown) => void,
): Promise<ApiServer> {
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const authority = createAuthority(directory);
  const certificate = issue(directory, 'server', authority, 'IP:127.0.0.1');
  const { certFile: caFile } = authority;
  const auditFile = join(directory, 'audit.log');
  await writeFile(join(directory, 'tokens.csv'), 'administrator,admin,1,system:masters\n');
  await writeFile(join(directory, 'audit.json'), JSON.stringify(auditPolicy));
  await writeFile(join(directory, 'kubeconfig'), JSON.stringify(kubeconfig(port, caFile)));
  const etcd = startBackground(etcdCommand({ binaries, directory, port: etcdPort, peerPort }));
  atEnd(etcd.stop);
  let server: Background | undefined;
  atEnd(() => server?.stop());

  const kubectl = async (args: readonly string[], input = ''): Promise<string> => {
    const env = {
      HOME: directory,
      KUBECONFIG: join(directory, 'kubeconfig'),
      PATH: '/usr/bin:/bin',
    };
    const options = { input, env, extendEnv: false, timeout: 50_000 };
    const { stdout } = await execa(join(binaries, 'kubectl'), args, options);
    return stdout;
  };
  return {
    port,
    caFile,
    auditFile,
    directory,
    kubectl,
    stop: async () => {
      await server?.stop();
      server = undefined;
    },
    start: async () => {
      // It may run still, where the test that was to stop it has failed.
      await server?.stop();
      server = startBackground(serverCommand({ binaries, directory, port, etcdPort, certificate }));
      await untilReady(server, async () => {
        // It makes this namespace when it is ready otherwise.
        for (const path of ['/readyz', '/api/v1/namespaces/default']) {
          await kubectl(['get', '--raw', path]);
        }
      });
    },
    compact: () => compact(etcdPort),
  };
}

async function untilReady(server: Background, ask: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + 50_000;
  for (;;) {
    const isReady = await ask().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (!server.isRunning() || performance.now() > giveUpAt) {
      throw new Error(`cannot start kube-apiserver: ${server.tail()}`);
    }
    await sleep(100);
  }
}

/** What Kubernetes itself does every five minutes. */
async function compact(port: number): Promise<void> {
  const { header } = (await post(port, 'kv/range', { key: 'AA==' })) as {
    readonly header: { readonly revision: string };
  };
  await post(port, 'kv/compaction', { revision: header.revision, physical: true });
}

async function post(port: number, path: string, body: object): Promise<unknown> {
  const url = `http://127.0.0.1:${port}/v3/${path}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`cannot ask etcd: ${await response.text()}`);
  return response.json();
}
