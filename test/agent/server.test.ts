import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { MAX_EVENT_BYTES } from '../../agent/events.ts';
import { refuse } from '../../agent/reply.ts';
import { type Routes } from '../../agent/routes.ts';
import { socketListener } from '../../agent/server.ts';
import { type PodRef } from '../../agent/store.ts';
import { postEvent } from '../../cni/facts/agent.ts';
import { type Listener, serveHttp, temporaryDirectory } from '../cni/facts/serve.ts';
import { until } from './until.ts';

describe('socketListener()', () => {
  const directory = temporaryDirectory();
  const socketPath = `${directory.path}/agent.sock`;
  const asked: PodRef[] = [];
  const counted: string[] = [];
  const events: string[] = [];
  const logged: string[] = [];
  const unlisted: string[] = [];
  let listener: Listener;

  const routes: Routes = {
    askForPod: async (ref) => {
      if (ref.name === 'broken') throw new Error('a bug');
      asked.push(ref);
      return { ...refuse(404, 'pod-unknown', 'no'), outcome: 'pod-unknown' };
    },
    takeEvent: (body) => {
      events.push(body);
      return body === 'full' ? 'full' : body === 'odd' ? 'unreadable' : 'taken';
    },
    status: () => ({ ready: true }),
    countFacts: (outcome) => counted.push(outcome),
    census: {
      take: async () => ({ at: '2026-01-02T03:04:05Z', seconds: 0, pods: [] }),
      last: () => undefined,
      unlisted: () => unlisted,
    },
  };

  before(async () => {
    const log = pino({}, { write: (line) => logged.push(line) });
    listener = await serveHttp(socketPath, socketListener(routes, log));
  });
  beforeEach(() => {
    for (const list of [asked, counted, events, logged, unlisted]) list.length = 0;
  });
  after(async () => {
    await listener.close();
    directory.dispose();
  });

  const ask = async (method: string, path: string, body = ''): Promise<[number, unknown]> => {
    const sent = request({ socketPath, method, path, agent: false });
    // Node.js may tell of EPIPE after the answer, where the server closed first.
    sent.on('error', () => undefined).end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return [response.statusCode ?? 0, JSON.parse(await text(response))];
  };

  it('asks for the pod of the path, decoded, and counts the outcome', async () => {
    const body = { error: { code: 'pod-unknown', message: 'no' } };
    assert.deepEqual(await ask('GET', '/v1/pods/a%2Fb/c%20d?uid=e%26f'), [404, body]);
    assert.deepEqual(asked, [{ namespace: 'a/b', name: 'c d', uid: 'e&f' }]);
    assert.deepEqual(counted, ['pod-unknown']);
  });

  it('asks without a UID where none was given', async () => {
    await ask('GET', '/v1/pods/a/b');
    assert.deepEqual(asked, [{ namespace: 'a', name: 'b', uid: undefined }]);
  });

  const requests: [method: string, path: string, body: string, status: number][] = [
    ['GET', '/v1/status', '', 200],
    ['POST', '/v1/census', '', 200],
    ['GET', '/v1/census', '', 503],
    ['DELETE', '/v1/census', '', 404],
    ['POST', '/v1/events', '{}', 202],
    ['POST', '/v1/events', 'full', 429],
    ['POST', '/v1/events', 'odd', 400],
    ['POST', '/v1/events', 'x'.repeat(MAX_EVENT_BYTES), 202],
    ['GET', '/v1/pods/a', '', 400],
    ['GET', '/v1/pods//b', '', 400],
    ['GET', '/v1/pods/a/b/c', '', 400],
    ['GET', '/v1/pods/a/%ff', '', 400],
    ['POST', '/v1/pods/a/b', '', 404],
    ['GET', '/v1/events', '', 404],
    ['GET', '/v2/status', '', 404],
    ['GET', '//', '', 404],
    ['GET', '/v1/pods/a/broken', '', 500],
  ];
  for (const [method, path, body, status] of requests) {
    it(`answers ${method} ${path} ${body.slice(0, 8)} with ${status}`, async () => {
      assert.equal((await ask(method, path, body))[0], status);
      assert.equal(logged.length, status === 500 ? 1 : 0);
    });
  }

  for (const method of ['GET', 'POST']) {
    it(`does not take no pods for a census before they are listed: ${method} /v1/census`, async () => {
      unlisted.push('the pods are not listed yet');
      const error = { code: 'not-ready', message: 'the pods are not listed yet' };
      assert.deepEqual(await ask(method, '/v1/census'), [503, { error }]);
    });
  }

  it('reads no more than 2 MiB of an event', async () => {
    const sent = request({ socketPath, method: 'POST', path: '/v1/events', agent: false });
    sent.on('error', () => undefined);
    sent.end('x'.repeat(MAX_EVENT_BYTES * 4));
    await new Promise((resolve) => sent.on('close', resolve));
    assert.deepEqual(events, []);
  });

  it('takes the events of a plugin that does not wait for an answer', async () => {
    const event = { msg: 'x'.repeat(500_000) };
    await postEvent(socketPath, event, 10_000);
    await until(() => events.length > 0);
    assert.deepEqual(JSON.parse(events[0] ?? ''), event);
  });

  it('takes the events of a plugin that gets no processor for as long as it may wait', async () => {
    const told = postEvent(socketPath, { msg: 'late' }, 10);
    const busyUntil = performance.now() + 30;
    while (performance.now() < busyUntil);
    await told;
    await until(() => events.length > 0);
  });
});
