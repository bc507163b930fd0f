import assert from 'node:assert/strict';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { injected, invocation } from '../support/call.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';
import { type RunningAgent, startAgent } from './running.ts';
import { until } from './until.ts';

describe('an ADD that fails', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  let agent: RunningAgent;

  beforeEach(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    server.history.set({ namespace: 'default', name: 'web-0', uid: 'uid-1' });
    agent = startAgent({ access: server.access, directory: directory.path });
    await agent.isReady();
  });
  afterEach(async () => {
    await agent.stop();
    await server.stop();
    directory.dispose();
  });

  const add = () => {
    const config = {
      agentSocket: `${directory.path}/agent.sock`,
      stateDir: `${directory.path}/state`,
    };
    const env = { CNI_NETNS: '/nonexistent/netns' };
    return runPlugin(invocation({ env, config, podAnnotations: injected }));
  };

  it('is counted and logged by the agent', async () => {
    const { code, msg } = errorResult(await add());
    assert.equal(code, 3);
    const counted = 'sluice_adds_total{decision="redirect",outcome="failed"} 1';
    await until(async () => (await agent.get('/metrics')).split('\n').includes(counted));
    const line = agent.lines().find((each) => each.msg === 'failed');
    assert.equal(line?.level, 50);
    assert.equal((line.error as { readonly msg: string }).msg, msg);
  });
});
