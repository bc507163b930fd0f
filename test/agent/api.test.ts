import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { ApiError, createApi } from '../../agent/api.ts';
import { loadKubeConfig } from '../../agent/kubeconfig.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { type FakeApiServer, fakeApiServer } from './apiserver.ts';

const { signal } = new AbortController();
const limits = { timeoutMs: 10_000, signal };
const path = '/api/v1/namespaces/default/pods/web-0';

describe('createApi()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: FakeApiServer;

  before(async () => {
    directory = temporaryDirectory();
    server = await fakeApiServer(directory.path);
    server.history.set();
  });
  after(async () => {
    await server.stop();
    directory.dispose();
  });
  beforeEach(() => {
    server.setMute(false);
    server.setToken('first');
    server.writeToken('first');
  });

  const api = (): ReturnType<typeof createApi> => createApi(() => loadKubeConfig(server.access));

  it('reads as the service account says', async () => {
    assert.deepEqual(await api().get(path, limits), server.history.find('default', 'web-0'));
  });

  it('reads as a kubeconfig says', async () => {
    const { host, port, serviceAccountDir } = server.access;
    const kubeconfig = `${directory.path}/kubeconfig`;
    const cluster = {
      server: `https://${host}:${port}`,
      'certificate-authority': `${serviceAccountDir}/ca.crt`,
    };
    const config = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster }],
      users: [{ name: 'u', user: { token: 'first' } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    const pod = await createApi(() => loadKubeConfig({ kubeconfig })).get(path, limits);
    assert.deepEqual(pod, server.history.find('default', 'web-0'));
  });

  for (const [method, type] of [
    ['POST', 'application/json'],
    ['PATCH', 'application/merge-patch+json'],
  ] as const) {
    it(`writes with ${method}, and returns what is there then`, async () => {
      const body = { metadata: { name: 'grüße' } };
      assert.deepEqual(await api().write({ method, path, body }, limits), body);
      assert.deepEqual(server.writes.taken.at(-1), { method, path, type, body });
    });
  }

  it('says what the server has against a write', async () => {
    server.writes.answer = () => ({ status: 409, body: { kind: 'Status', message: 'too late' } });
    await assert.rejects(
      api().write({ method: 'POST', path, body: {} }, limits),
      (error: unknown) => error instanceof ApiError && error.status === 409,
    );
  });

  it('reads a rotated token when the old one is refused, and nobody notices', async () => {
    const one = api();
    await one.get(path, limits);
    server.setToken('second');
    server.writeToken('second');
    assert.deepEqual(await one.get(path, limits), server.history.find('default', 'web-0'));
  });

  it('asks no more than twice with a token that stays wrong', async () => {
    server.setToken('second');
    const before = server.requests.length;
    await assert.rejects(api().get(path, limits), (error) => isAnswer(error, 401));
    assert.equal(server.requests.length - before, 2);
  });

  it('passes on what the server says', async () => {
    await assert.rejects(
      api().get('/api/v1/namespaces/default/pods/none', limits),
      (error) => isAnswer(error, 404) && String(Reflect.get(error, 'cause')).includes('"none"'),
    );
  });

  it('waits no longer than it may', async () => {
    server.setMute(true);
    await assert.rejects(api().get(path, { timeoutMs: 20, signal }), {
      message: 'no complete answer after 20 ms',
    });
  });

  it('stops waiting when told', async () => {
    server.setMute(true);
    const stop = new AbortController();
    const answer = api().get(path, { timeoutMs: 10_000, signal: stop.signal });
    stop.abort();
    await assert.rejects(answer);
  });

  it('says which server does not answer', async () => {
    const { port } = server.access;
    await server.stop();
    await assert.rejects(api().get(path, limits), {
      message: `the API server does not answer at https://127.0.0.1:${port}`,
    });
    await server.start();
  });

  it('trusts the authority of the service account only', async () => {
    const other = temporaryDirectory();
    const impostor = await fakeApiServer(other.path);
    const { port } = impostor.access;
    const cheated = createApi(() => loadKubeConfig({ ...server.access, port }));
    await assert.rejects(cheated.get(path, limits));
    assert.deepEqual(impostor.requests, []);
    await impostor.stop();
    other.dispose();
  });
});

function isAnswer(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}
