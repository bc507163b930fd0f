import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { serveHealth } from '../../agent/health.ts';
import { until } from './until.ts';

describe('serveHealth()', () => {
  let stop: AbortController;
  let done: Promise<void>;
  let missing: string[];
  let port: number;
  let waiting: unknown[];

  const start = (wanted = 0): void => {
    done = serveHealth({
      host: '127.0.0.1',
      port: wanted,
      missing: () => missing,
      renderMetrics: async () => 'sluice_build_info 1\n',
      retryMs: 5,
      onListening: (bound) => (port = bound),
      onWaiting: (error) => waiting.push(error),
      signal: stop.signal,
    });
  };
  beforeEach(() => {
    stop = new AbortController();
    missing = [];
    port = 0;
    waiting = [];
  });
  afterEach(async () => {
    stop.abort();
    await done;
  });

  const answers: { path: string; missing?: string[]; status: number; body: RegExp }[] = [
    { path: '/healthz', missing: ['a'], status: 200, body: /^ok$/m },
    { path: '/readyz', status: 200, body: /^ready$/m },
    { path: '/readyz?verbose', status: 200, body: /^ready$/m },
    { path: '/readyz', missing: ['a', 'b'], status: 503, body: /^not ready: a; b$/m },
    { path: '/metrics', status: 200, body: /^sluice_build_info 1$/m },
    { path: '/', status: 404, body: /healthz/ },
  ];
  for (const { path, missing: reasons = [], status, body } of answers) {
    it(`answers ${path} with ${status}`, async () => {
      missing = reasons;
      start();
      await until(() => port);
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      assert.equal(response.status, status);
      assert.match(await response.text(), body);
    });
  }

  it('waits for a port that the agent before it still has', async () => {
    const old = createServer().listen(0, '127.0.0.1');
    await once(old, 'listening');
    const wanted = (old.address() as AddressInfo).port;
    start(wanted);
    await until(() => waiting.length);
    old.close();
    await until(() => port);
    assert.equal(port, wanted);
    assert.equal(waiting.length, 1);
  });

  it('ends while it waits', async () => {
    const old = createServer().listen(0, '127.0.0.1');
    await once(old, 'listening');
    start((old.address() as AddressInfo).port);
    await until(() => waiting.length);
    stop.abort();
    await done;
    old.close();
    assert.equal(port, 0);
  });

  it('rejects for an address that is not of this machine', async () => {
    const options = { host: '192.0.2.1', port: 0, missing: () => missing, signal: stop.signal };
    const ignore = (): void => undefined;
    done = Promise.resolve();
    await assert.rejects(
      serveHealth({
        ...options,
        renderMetrics: async () => '',
        onListening: ignore,
        onWaiting: ignore,
      }),
      { code: 'EADDRNOTAVAIL' },
    );
  });
});
