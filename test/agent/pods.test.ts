import assert from 'node:assert/strict';
import { createApi } from '../../agent/api.ts';
import { loadKubeConfig } from '../../agent/kubeconfig.ts';
import { type PodsState, watchPods, type WatchOptions } from '../../agent/pods.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';
import { until } from './until.ts';

const quick = { nodeName: 'n1', backoff: { firstMs: 5, mostMs: 20 } };
/** With less a slow machine would never come to the end of a handshake. */
const SOON_MS = 500;

describe('watchPods()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  let stop: AbortController;
  let states: PodsState[];
  let watching: Promise<void>;

  beforeEach(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    stop = new AbortController();
    states = [];
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    await server.stop();
    directory.dispose();
  });

  const watch = (options: Partial<WatchOptions> = {}): void => {
    const api = createApi(() => loadKubeConfig(server.access));
    watching = (async () => {
      for await (const state of watchPods(api, { ...quick, ...options }, stop.signal)) {
        states.push(state);
      }
    })();
  };
  const names = (): string[] =>
    [...(states.at(-1)?.pods?.values() ?? [])].map(({ metadata }) => metadata.name);
  const lists = (): string[] => server.requests.filter((path) => !path.includes('watch=true'));

  it('lists the pods of this node, and no other', async () => {
    server.history.set({ name: 'here', uid: '1' });
    server.history.set({ name: 'elsewhere', uid: '2' }, 'n2');
    watch();
    await until(() => states.length > 0);
    assert.deepEqual(names(), ['here']);
    assert.deepEqual(lists(), ['/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&resourceVersion=0']);
  });

  it('tells what comes, changes and goes', async () => {
    watch();
    await until(() => server.watches());
    server.history.set({ name: 'web-0', uid: '1' });
    await until(() => names().length === 1);
    server.history.set({ name: 'web-0', uid: '1', labels: { app: 'web' } });
    await until(() => states.at(-1)?.pods?.get('1')?.metadata.labels.app === 'web');
    server.history.remove('default', 'web-0');
    await until(() => names().length === 0);
  });

  it('knows a pod and its successor of the same name apart', async () => {
    server.history.set({ name: 'web-0', uid: 'old' });
    watch();
    await until(() => server.watches());
    server.history.remove('default', 'web-0');
    server.history.set({ name: 'web-0', uid: 'new' });
    await until(() => states.at(-1)?.pods?.has('new'));
    assert.deepEqual([...(states.at(-1)?.pods?.keys() ?? [])], ['new']);
  });

  for (const how of ['reset', 'cleanly'] as const) {
    it(`goes on where it was, without a list, after the connection ended: ${how}`, async () => {
      server.history.set({ name: 'first', uid: '1' });
      watch();
      await until(() => server.watches());
      server.bookmark();
      await until(() => states.length > 1);
      server.end(how);
      server.history.set({ name: 'second', uid: '2' });
      await until(() => names().length === 2);
      assert.equal(lists().length, 1);
    });
  }

  it('goes on from the version of the last bookmark', async () => {
    watch();
    await until(() => server.watches());
    server.history.set({ uid: '9' }, 'n2');
    const version = server.history.version();
    server.bookmark();
    await until(() => states.length > 1);
    server.end('reset');
    await until(() => server.requests.length === 3);
    assert.match(server.requests[2] ?? '', new RegExp(`resourceVersion=${version}&`));
  });

  for (const goneBy of ['status', 'event'] as const) {
    it(`lists anew, the newest, when its version is gone, told by ${goneBy}`, async () => {
      server.history.set({ name: 'kept', uid: '1' });
      server.history.set({ name: 'lost', uid: '2' });
      watch();
      await until(() => server.watches());
      server.history.goneBy = goneBy;
      await server.stop();
      server.history.remove('default', 'lost');
      server.history.compact();
      await server.start();
      await until(() => names().length === 1);
      assert.deepEqual(names(), ['kept']);
      assert.equal(lists().at(-1), '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1');
    });
  }

  const nonsense = {
    'a line that is no JSON': '{"type":"ADDED",\n',
    'an event of no known kind': '{"type":"ODD","object":{}}\n',
    'an object that is no pod': '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n',
  };
  for (const [what, text] of Object.entries(nonsense)) {
    it(`drops nothing: lists anew after ${what}`, async () => {
      watch();
      await until(() => server.watches());
      server.say(text);
      await until(() => lists().length === 2);
      server.history.set({ name: 'web-0', uid: '1' });
      await until(() => names().length === 1);
    });
  }

  it('notices a watch that is silent, and opens another', async () => {
    watch({ silenceMs: SOON_MS });
    await until(() => server.watches());
    await until(() => states.some(({ failure }) => failure?.message.includes('silent')));
    server.history.set({ name: 'web-0', uid: '1' });
    await until(() => names().length === 1);
    assert.equal(lists().length, 1);
  });

  it('keeps what it knows while the API server is away, and says that it is', async () => {
    server.history.set({ name: 'web-0', uid: '1' });
    watch();
    await until(() => server.watches());
    await server.stop();
    await until(() => states.filter(({ failure }) => failure).length > 3);
    assert.deepEqual(names(), ['web-0']);
    await server.start();
    await until(() => server.watches());
    server.history.set({ name: 'web-1', uid: '2' });
    await until(() => names().length === 2);
    assert.equal(states.at(-1)?.failure, undefined);
  });

  it('waits for an API server that does not answer', async () => {
    server.setMute(true);
    watch({ listTimeoutMs: SOON_MS });
    await until(() => states.length > 0);
    assert.deepEqual(states[0]?.pods, undefined);
    assert.equal(states[0]?.failure?.message, `no complete answer after ${SOON_MS} ms`);
    server.setMute(false);
    await until(() => states.at(-1)?.pods);
  });
});
