import assert from 'node:assert/strict';
import { createApi } from '../../../agent/api.ts';
import { loadKubeConfig } from '../../../agent/kubeconfig.ts';
import { createMetrics, type Metrics } from '../../../agent/metrics.ts';
import { type PodEvent } from '../../../agent/podevents/event.ts';
import {
  createRecorder,
  type Recorder,
  type RecorderOptions,
} from '../../../agent/podevents/recorder.ts';
import { temporaryDirectory } from '../../cni/facts/serve.ts';
import { type FakeApiServer, fakeApiServer } from '../apiserver.ts';
import { until } from '../until.ts';

const pod = { namespace: 'default', name: 'web-0', uid: 'u0' };
const event: PodEvent = { pod, type: 'Normal', reason: 'Redirected', message: 'all is well' };
const path = '/api/v1/namespaces/default/events';

describe('createRecorder()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;
  let metrics: Metrics;
  let failures: unknown[];
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    metrics = createMetrics(() => 0);
    failures = [];
    stop = new AbortController();
    running = Promise.resolve();
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await server.stop();
    directory.dispose();
  });

  const start = (options: Partial<RecorderOptions> = {}): Recorder => {
    const recorder = createRecorder({
      api: createApi(() => loadKubeConfig(server.access)),
      nodeName: 'n1',
      metrics,
      onFailure: (error) => failures.push(error),
      signal: stop.signal,
      backoff: { firstMs: 1, mostMs: 5 },
      ...options,
    });
    running = recorder.run();
    return recorder;
  };
  const methods = (): string[] => server.writes.taken.map(({ method }) => method);
  const rendered = (): Promise<string> => metrics.render();

  it('posts what it is told, once for each', async () => {
    const { tell } = start();
    for (let i = 0; i < 20; i += 1) tell({ ...event, pod: { ...pod, uid: `u${i}` } });
    const posted = /_events_total\{reason="Redirected",outcome="posted"\} 20$/m;
    await until(async () => posted.test(await rendered()));
    assert.deepEqual(
      server.writes.taken.map((one) => one.path),
      Array.from({ length: 20 }, () => path),
    );
  });

  it('counts what is told again on the Event that is there', async () => {
    const { tell } = start({ now: () => new Date('2026-01-02T03:04:05.678Z') });
    tell(event);
    tell(event);
    tell(event);
    await until(() => server.writes.taken.length === 3);
    const [created, ...counted] = server.writes.taken;
    const { name } = (created?.body as { metadata: { name: string } }).metadata;
    assert.deepEqual(
      counted.map((one) => [one.method, one.path, one.body]),
      [2, 3].map((count) => [
        'PATCH',
        `${path}/${name}`,
        { count, lastTimestamp: '2026-01-02T03:04:05Z' },
      ]),
    );
  });

  it('posts anew what the API server has forgotten', async () => {
    server.writes.answer = ({ method }) => (method === 'PATCH' ? { status: 404 } : undefined);
    const { tell } = start();
    tell(event);
    tell(event);
    await until(() => server.writes.taken.length === 3);
    assert.deepEqual(methods(), ['POST', 'PATCH', 'POST']);
  });

  it('waits for an API server that is away, and says so once', async () => {
    await server.stop();
    const { tell } = start();
    tell(event);
    tell({ ...event, message: 'second' });
    await until(() => failures.length > 0);
    await server.start();
    await until(() => server.writes.taken.length === 2);
    assert.deepEqual(
      server.writes.bodies('/events').map(({ message }) => message),
      ['all is well', 'second'],
    );
    assert.equal(failures.length, 1);
  });

  it('drops what is refused, and goes on', async () => {
    server.writes.answer = ({ body }) =>
      (body as { message: string }).message === 'refused' ? { status: 403 } : undefined;
    const { tell } = start();
    tell({ ...event, message: 'refused' });
    tell(event);
    await until(() => server.writes.taken.length === 2);
    await until(async () => (await rendered()).includes('outcome="posted"} 1'));
    assert.match(await rendered(), /\{reason="Redirected",outcome="dropped"\} 1$/m);
  });

  it('drops the oldest when too many wait', async () => {
    const api = { write: () => new Promise<never>(() => undefined) };
    const recorder = createRecorder({
      ...{ api, nodeName: 'n1', metrics, signal: stop.signal },
      onFailure: () => undefined,
    });
    for (let i = 0; i < 510; i += 1) recorder.tell(event);
    assert.match(await rendered(), /\{reason="Redirected",outcome="dropped"\} 10$/m);
  });

  it('slows down after a burst', async () => {
    const { tell } = start({ burst: 3, pauseMs: 60_000 });
    for (let i = 0; i < 5; i += 1) tell({ ...event, message: String(i) });
    await until(() => server.writes.taken.length === 3);
    tell({ ...event, message: 'last' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.writes.taken.length, 3);
  });
});
