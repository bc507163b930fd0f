import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { allIn } from '../install/ground.ts';
import { injected, invocation } from '../support/call.ts';
import { createCleanup } from '../support/cleanup.ts';
import { hasRoot, saved, scratchNetns } from '../support/scratch.ts';
import { type FakeApiServer, servedApi } from './apiserver.ts';
import { until } from './until.ts';

const executable = join(import.meta.dirname, '../../dist/sluice-cni');
const primary = `{
  "cniVersion": "1.0.0",
  "name": "net",
  "plugins": [
    { "type": "bridge" }
  ]
}
`;
const namespace = '/api/v1/namespaces/sluice-system';
const ownPod = `${namespace}/pods/sluice-agent-abcde`;
const daemonSet = '/apis/apps/v1/namespaces/sluice-system/daemonsets/sluice-agent';

describe('sluice-cni agent, packaged', function () {
  this.timeout(180_000);
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const cleanup = createCleanup();
  let directory: string;
  let server: FakeApiServer;
  let agent: ChildProcess;
  const path = (name: string): string => join(directory, 'node', name);
  const conflist = (): string => readFileSync(path('net.d/10-net.conflist'), 'utf8');

  before(async () => {
    ({ server, directory } = await servedApi(cleanup));
    server.history.set({ namespace: 'default', name: 'web-0', uid: 'uid-1' });
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'sluice-agent' };
    server.objects.set(ownPod, { metadata: { ownerReferences: [{ ...owner, controller: true }] } });
    server.objects.set(namespace, { metadata: { name: 'sluice-system' } });
    server.objects.set(daemonSet, { metadata: { name: 'sluice-agent', resourceVersion: '1' } });
    for (const each of ['net.d', 'bin']) mkdirSync(path(each), { recursive: true });
    writeFileSync(path('net.d/10-net.conflist'), primary);
  });
  after(() => cleanup.run());

  const start = async (): Promise<void> => {
    const before = server.requests.length;
    const started = spawn(executable, ['agent'], {
      stdio: 'ignore',
      env: {
        NODE_NAME: 'n1',
        POD_NAME: 'sluice-agent-abcde',
        POD_NAMESPACE: 'sluice-system',
        SLUICE_AGENT_SOCKET: path('agent.sock'),
        SLUICE_STATE_DIR: path('state'),
        SLUICE_ADDRESS: '127.0.0.1:0',
        SLUICE_CNI_NET_DIR: path('net.d'),
        SLUICE_CNI_BIN_DIR: path('bin'),
        SLUICE_SERVICE_ACCOUNT_DIR: server.access.serviceAccountDir,
        KUBERNETES_SERVICE_HOST: server.access.host,
        KUBERNETES_SERVICE_PORT: server.access.port,
      },
    });
    cleanup.add(() => started.kill('SIGKILL'));
    agent = started;
    await until(() => conflist().includes('sluice-cni'));
    await until(() => existsSync(path('state/backend.json')));
    await until(() => server.requests.slice(before).some((each) => each.includes('/daemonsets?')));
  };
  const stop = async (): Promise<void> => {
    const ended = once(agent, 'exit');
    agent.kill('SIGTERM');
    await ended;
    assert.equal(agent.exitCode, 0);
  };

  it('installs the plugin, which then redirects a pod by what the agent knows', async () => {
    await start();
    const { plugins } = JSON.parse(conflist()) as { plugins: object[] };
    const call = invocation({
      env: { CNI_NETNS: netns.path },
      config: { ...plugins.at(-1) },
      podAnnotations: injected,
    });
    const { exitCode, stderr } = await execa(path('bin/sluice-cni'), {
      ...{ input: call.stdin, env: call.env, extendEnv: false, reject: false },
    });
    assert.equal(exitCode, 0, stderr);
    assert.match(await saved(netns, 'iptables-nft'), /sluice:output/);
  });

  it('leaves everything in place when it is stopped: another comes after it', async () => {
    await stop();
    assert.match(conflist(), /sluice-cni/);
    assert.ok(existsSync(path('bin/sluice-cni')));
  });

  it('leaves nothing of itself on the node when its DaemonSet is deleted', async () => {
    // Told before the stop as well: a slow machine may have no answer within the second that is left then.
    const deletionTimestamp = '2026-01-02T03:04:05Z';
    const metadata = { name: 'sluice-agent', resourceVersion: '1', deletionTimestamp };
    server.objects.set(daemonSet, { metadata });
    await start();
    server.objects.delete(daemonSet);
    await stop();
    assert.deepEqual(allIn(path('')), {
      bin: '/',
      'net.d': '/',
      'net.d/10-net.conflist': `644 ${primary}`,
    });
  });
});
