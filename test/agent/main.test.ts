import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { readBackend } from '../../agent/backend.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { hanging } from '../install/hanging.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';
import { until } from './until.ts';

const main = join(import.meta.dirname, '../../agent/main.ts');

describe('main', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  const here = site();

  before(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
  });
  after(async () => {
    await server.stop();
    directory.dispose();
  });

  const environment = (): Record<string, string> => ({
    NODE_NAME: 'n1',
    SLUICE_AGENT_SOCKET: `${directory.path}/run/agent.sock`,
    SLUICE_STATE_DIR: `${directory.path}/state`,
    SLUICE_ADDRESS: '127.0.0.1:0',
    SLUICE_CNI_NET_DIR: `${directory.path}/net.d`,
    SLUICE_CNI_BIN_DIR: `${directory.path}/bin`,
    SLUICE_SERVICE_ACCOUNT_DIR: server.access.serviceAccountDir,
    KUBERNETES_SERVICE_HOST: server.access.host,
    KUBERNETES_SERVICE_PORT: server.access.port,
    HTTPS_PROXY: 'http://127.0.0.1:1', // of the node; the API server is not behind it
    https_proxy: 'http://127.0.0.1:1',
  });
  const start = (env: Record<string, string>) =>
    execa(process.execPath, ['--no-warnings', main], {
      env,
      extendEnv: false,
      reject: false,
      timeout: 50_000,
    });

  it('ends with 2 and one line that names all that is wrong', async () => {
    const { exitCode, stdout } = await start({ SLUICE_BACKEND: 'nft' });
    assert.equal(exitCode, 2);
    assert.match(stdout, /NODE_NAME is not set; SLUICE_BACKEND is \\"nft\\", wanted/);
    assert.equal(stdout.split('\n').length, 1);
  });

  it('ends with 1 when it cannot do its work', async () => {
    writeFileSync(`${directory.path}/file`, '');
    const env = { ...environment(), SLUICE_AGENT_SOCKET: `${directory.path}/file/agent.sock` };
    const { exitCode, stdout } = await start(env);
    assert.equal(exitCode, 1);
    assert.match(stdout, /the agent ends/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 after ${signal}, and leaves the socket to its successor`, async function () {
      if (!hasRoot()) this.skip();
      const running = start(environment());
      let stdout = '';
      running.stdout.on('data', (text) => (stdout += String(text)));
      const lines = ['"backend"', '"listening"', '"watching '];
      await until(() => lines.every((line) => stdout.includes(line)));
      running.kill(signal);
      const { exitCode, signal: killedBy } = await running;
      assert.deepEqual([exitCode, killedBy], [0, undefined]);
      assert.ok(existsSync(`${directory.path}/run/agent.sock`));
      assert.equal((await readBackend(`${directory.path}/state`))?.backend, 'iptables-nft');
    });
  }

  it('ends after SIGTERM without waiting for a backend whose trial hangs', async function () {
    if (!hasRoot()) this.skip();
    const { command, running: hung } = hanging();
    const toolsDir = here.tools({ 'iptables-nft-restore': `${command} & wait` });
    const stateDir = `${directory.path}/other`;
    const env = { ...environment(), SLUICE_TOOLS_DIR: toolsDir, SLUICE_STATE_DIR: stateDir };
    const running = start(env);
    await until(() => hung() > 0);
    running.kill('SIGTERM');
    const { exitCode, stdout } = await running;
    assert.equal(exitCode, 0);
    await until(() => hung() === 0);
    // The trial's own time-out would have said that it does not work.
    assert.doesNotMatch(stdout, /no backend can be chosen/);
    assert.equal(await readBackend(stateDir), undefined);
  });
});
