import { once } from 'node:events';
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const pod = {
  metadata: {
    namespace: 'default',
    name: 'web-0',
    uid: 'uid-1',
    annotations: { 'sidecar.istio.io/status': '{}' },
  },
  spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', args: ['proxy', 'sidecar'] }] },
};

/** Where what V8 compiles is written: while a meshed pod is added, and while it is deleted. */
export interface Caches {
  readonly add: string;
  readonly del: string;
}

/**
 * Writes what V8 compiles of the plugin's script while it adds a meshed pod, in a netns of its own, and deletes it.
 *
 * V8 compiles a function when it is first called: of an ADD's own time, that was a fifth. A cache made without
 * running the script holds none of it. All of a cache is read at the start, so what only an ADD needs would
 * slow down the other verbs: they have their own.
 *
 * Without root there is no netns, and only what VERSION needs is compiled.
 *
 * @throws {Error} where the plugin does not succeed
 */
export async function writeCaches(script: string, caches: Caches): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-warm-'));
  const agentSocket = join(directory, 'agent.sock');
  const agent = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ pod, source: 'watch', observedAt: new Date(0).toISOString() }));
  });
  await once(agent.listen(agentSocket), 'listening');
  const netns = spawn(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  try {
    const hasNetns = await Promise.race([
      once(netns.stdout, 'data').then(() => true),
      once(netns, 'exit').then(
        () => false,
        () => false,
      ),
    ]);
    const where = { netns: `/proc/${netns.pid ?? 0}/ns/net`, agentSocket, stateDir: directory };
    await writeCache(script, caches.add, call(hasNetns ? 'ADD' : 'VERSION', where));
    await writeCache(script, caches.del, call(hasNetns ? 'DEL' : 'VERSION', where));
  } finally {
    netns.kill('SIGKILL');
    agent.close();
    agent.closeAllConnections();
    await rm(directory, { recursive: true });
  }
}

interface Call {
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

function call(
  command: string,
  { netns, agentSocket, stateDir }: Readonly<Record<'netns' | 'agentSocket' | 'stateDir', string>>,
): Call {
  return {
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'warm-up',
      CNI_NETNS: netns,
      CNI_IFNAME: 'eth0',
      CNI_ARGS: 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=uid-1',
    },
    input: JSON.stringify({
      cniVersion: '1.0.0',
      name: 'net',
      type: 'sluice-cni',
      agentSocket,
      stateDir,
      prevResult: { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] },
      runtimeConfig: { 'io.kubernetes.cri.pod-annotations': pod.metadata.annotations },
    }),
  };
}

async function writeCache(script: string, cache: string, { env, input }: Call): Promise<void> {
  const warmup = join(import.meta.dirname, 'warmup.cjs');
  await execa(process.execPath, [warmup, script, cache], { extendEnv: false, env, input });
  if ((await readFile(cache)).length === 0) throw new Error(`cannot use ${cache}: it is empty`);
}
