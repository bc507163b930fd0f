import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { injected, invocation } from '../support/call.ts';
import { hasRoot, saved, scratchNetns } from '../support/scratch.ts';
import { fakeApiServer } from './apiserver.ts';
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

describe('sluice-cni agent, packaged', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();

  it('installs the plugin, which then redirects a pod by what the agent knows', async function () {
    this.timeout(180_000);
    const directory = temporaryDirectory();
    const { path } = directory;
    const server = await fakeApiServer(path);
    server.history.set({ namespace: 'default', name: 'web-0', uid: 'uid-1' });
    const [netDir, binDir] = [join(path, 'net.d'), join(path, 'bin')];
    for (const each of [netDir, binDir]) mkdirSync(each);
    const conflist = join(netDir, '10-net.conflist');
    writeFileSync(conflist, primary);
    const agent = spawn(executable, ['agent'], {
      stdio: 'ignore',
      env: {
        NODE_NAME: 'n1',
        SLUICE_AGENT_SOCKET: join(path, 'agent.sock'),
        SLUICE_STATE_DIR: join(path, 'state'),
        SLUICE_ADDRESS: '127.0.0.1:0',
        SLUICE_CNI_NET_DIR: netDir,
        SLUICE_CNI_BIN_DIR: binDir,
        SLUICE_SERVICE_ACCOUNT_DIR: server.access.serviceAccountDir,
        KUBERNETES_SERVICE_HOST: server.access.host,
        KUBERNETES_SERVICE_PORT: server.access.port,
      },
    });
    const ended = once(agent, 'exit');
    try {
      await until(() => readFileSync(conflist, 'utf8').includes('sluice-cni'));
      const { plugins } = JSON.parse(readFileSync(conflist, 'utf8')) as { plugins: object[] };
      await until(() => existsSync(join(path, 'state', 'backend.json')));

      const call = invocation({
        env: { CNI_NETNS: netns.path },
        config: { ...plugins.at(-1) },
        podAnnotations: injected,
      });
      const plugin = join(binDir, 'sluice-cni');
      const { exitCode, stderr } = await execa(plugin, {
        ...{ input: call.stdin, env: call.env, extendEnv: false, reject: false },
      });
      assert.equal(exitCode, 0, stderr);
      assert.match(await saved(netns, 'iptables-nft'), /sluice:output/);
    } finally {
      agent.kill('SIGTERM');
      await ended;
    }
    assert.equal(agent.exitCode, 0);
    // An agent that stops leaves everything in place: another comes after it.
    assert.match(readFileSync(conflist, 'utf8'), /sluice-cni/);
    await server.stop();
    directory.dispose();
  });
});
