import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readPodFacts } from '../../cni/facts/facts.ts';
import { VERSION } from '../../cni/version.ts';
import { postEvent, readFromAgent } from '../../cni/facts/agent.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { podFacts } from '../support/pod.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';
import { record } from './record.ts';
import { type RunningAgent, startAgent } from './running.ts';
import { until } from './until.ts';

const PODS = 250;

describe('runAgent()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  let agents: RunningAgent[];

  beforeEach(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    agents = [];
  });
  afterEach(async () => {
    for (const agent of agents) await agent.stop();
    await server.stop();
    directory.dispose();
  });

  const start = (): RunningAgent => {
    const agent = startAgent({ access: server.access, directory: directory.path });
    agents.push(agent);
    return agent;
  };
  const agentSocket = (): string => `${directory.path}/agent.sock`;
  const ask = async (name: string, uid: string): Promise<string> => {
    const { pod, source } = await readPodFacts(
      { namespace: 'default', name, uid },
      {
        agentSocket: agentSocket(),
        apiFallback: undefined,
        podAnnotations: undefined,
        deadlineMs: 10_000,
        deadlineAt: performance.now() + 10_000,
      },
    );
    assert.deepEqual(pod, podFacts({ name, uid }));
    return source;
  };
  /** Asks once, where the plugin would ask again and again. */
  const isUnknown = (name: string, uid: string): Promise<void> =>
    assert.rejects(
      readFromAgent(agentSocket(), { namespace: 'default', name, uid }, { timeoutMs: 10_000 }),
      /the agent does not know the pod yet/,
    );
  /** It is written behind. */
  const isOnDisk = (uid: string): Promise<void> =>
    until(() => existsSync(`${directory.path}/state/pods/${uid}.json`));

  it(`answers the plugin for each of ${PODS} pods, and for those that come`, async () => {
    for (let i = 0; i < PODS; i += 1) server.history.set({ name: `web-${i}`, uid: `u${i}` });
    await start().isReady();
    for (let i = 0; i < PODS; i += 1) assert.equal(await ask(`web-${i}`, `u${i}`), 'agent/watch');
    server.history.set({ name: 'late', uid: 'late' });
    assert.match(await ask('late', 'late'), /^agent\/(watch|apiserver)$/);
    server.history.set({ name: 'web-0', uid: 'successor' });
    assert.match(await ask('web-0', 'successor'), /^agent\/(watch|apiserver)$/);
  });

  it('answers without the API server, also after a restart, for the pods it knew', async () => {
    server.history.set({ name: 'web-0', uid: 'u0' });
    const first = start();
    await first.isReady();
    await isOnDisk('u0');
    await server.stop();
    assert.equal(await ask('web-0', 'u0'), 'agent/watch');
    assert.deepEqual(await first.missing(), []);
    await first.stop();

    const second = start();
    await until(() => second.isListening());
    assert.equal(await ask('web-0', 'u0'), 'agent/disk');
    const why = 'the pods of node n1 are not listed yet: the API server does not answer at https:';
    await until(async () => (await second.missing()).join().startsWith(why));
    await server.start();
    await second.isReady();
    assert.equal(await ask('web-0', 'u0'), 'agent/watch');
  });

  it('forgets what went while it was away', async () => {
    server.history.set({ name: 'web-0', uid: 'u0' });
    const first = start();
    await first.isReady();
    await first.stop();
    server.history.remove('default', 'web-0');
    await start().isReady();
    await isUnknown('web-0', 'u0');
  });

  it('goes on with a rotated token', async () => {
    const agent = start();
    await agent.isReady();
    server.setToken('second');
    server.writeToken('second');
    server.end('reset');
    server.history.set({ name: 'web-0', uid: 'u0' });
    await until(async () => (await ask('web-0', 'u0')) === 'agent/watch');
    assert.deepEqual(await agent.missing(), []);
  });

  it('lets two run during an upgrade, without a question unanswered', async () => {
    server.history.set({ name: 'web-0', uid: 'u0' });
    const old = start();
    await old.isReady();
    await isOnDisk('u0');
    const asked: string[] = [];
    const stop = new AbortController();
    const asking = (async () => {
      while (!stop.signal.aborted) asked.push(await ask('web-0', 'u0'));
    })();
    await start().isReady();
    await old.stop();
    await until(() => asked.length > 20);
    stop.abort();
    await asking;
    assert.equal(
      asked.every((source) => /^agent\/(watch|disk)$/.test(source)),
      true,
    );
  });

  it('logs and counts what the plugin tells', async () => {
    const agent = start();
    await agent.isReady();
    await postEvent(agentSocket(), record(), 10_000);
    await until(() =>
      agent.lines().some(({ name, msg }) => name === 'sluice-cni' && msg === 'skipped'),
    );
    await isUnknown('nobody', 'u0');
    const metrics = await agent.get('/metrics');
    assert.match(metrics, /^sluice_adds_total\{decision="own-agent",outcome="skipped"\} 1$/m);
    assert.match(metrics, /^sluice_facts_total\{source="pod-unknown"\} 1$/m);
    assert.match(metrics, /^sluice_watching 1$/m);
    const build = `sluice_build_info{version="${VERSION}",node="${process.versions.node}"} 1`;
    assert.ok(metrics.split('\n').includes(build), metrics);
  });

  it('is not ready before the plugin is installed, and says so', async () => {
    const agent = startAgent({
      access: server.access,
      directory: directory.path,
      installation: {
        keep: async () => undefined,
        release: async () => undefined,
        remove: async () => undefined,
        isComplete: () => false,
        state: () => ({ reason: 'no list' }),
      },
    });
    agents.push(agent);
    await until(
      async () => (await agent.missing()).join() === 'the plugin is not installed: no list',
    );
    assert.equal(await agent.get('/readyz'), 'not ready: the plugin is not installed: no list\n');
  });

  it('ends with what ended one of its parts', async () => {
    const agent = startAgent({
      access: server.access,
      directory: directory.path,
      installation: {
        keep: () => Promise.reject(new Error('a bug')),
        release: async () => undefined,
        remove: async () => undefined,
        isComplete: () => true,
        state: () => ({ reason: undefined }),
      },
    });
    await assert.rejects(agent.done, { message: 'a bug' });
  });
});
