import assert from 'node:assert/strict';
import { pino } from 'pino';
import { type Api, ApiError, type Change } from '../../agent/api.ts';
import { removeTaint, TAINT } from '../../agent/taint.ts';
import { until } from './until.ts';

describe('removeTaint()', () => {
  let stop: AbortController;
  let running: Promise<void>;
  let lines: string[];
  let writes: Change[];
  let reads: number;
  let looks: number;
  let isReady: boolean;

  beforeEach(() => {
    stop = new AbortController();
    running = Promise.resolve();
    [lines, writes, reads, looks, isReady] = [[], [], 0, 0, true];
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });

  const other = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
  const ours = { key: TAINT, effect: 'NoSchedule' };
  const node = (...taints: object[]): unknown => ({
    metadata: { resourceVersion: '7' },
    spec: { taints },
  });
  const start = (get: () => unknown, write: () => unknown = () => undefined): void => {
    const api: Pick<Api, 'get' | 'write'> = {
      get: async () => {
        reads += 1;
        return get();
      },
      write: async (change) => {
        writes.push(change);
        return write();
      },
    };
    const log = pino({}, { write: (line) => lines.push(line) });
    const often = { checkMs: 1, againMs: 1 };
    const look = (): boolean => {
      looks += 1;
      return isReady;
    };
    const { signal } = stop;
    running = removeTaint({ api, nodeName: 'n1', isReady: look, log, signal, ...often });
  };

  it('takes off the taint, leaves others, and insists on the node that it read', async () => {
    start(() => (writes.length === 0 ? node(other, ours) : node(other)));
    await until(() => reads > 3);
    const body = { metadata: { resourceVersion: '7' }, spec: { taints: [other] } };
    assert.deepEqual(writes, [{ method: 'PATCH', path: '/api/v1/nodes/n1', body }]);
  });

  it('asks nothing before the agent is ready', async () => {
    isReady = false;
    start(() => node(ours));
    await until(() => looks > 3);
    assert.equal(reads, 0);
    isReady = true;
    await until(() => writes.length > 0);
  });

  it('writes nothing where there is no taint', async () => {
    start(() => ({ metadata: {}, spec: {} }));
    await until(() => reads > 3);
    assert.deepEqual(writes, []);
  });

  it('reads again when the node has changed meanwhile', async () => {
    start(
      () => (writes.length < 2 ? node(ours) : node()),
      () => {
        if (writes.length === 1) throw new ApiError(409, undefined);
      },
    );
    await until(() => writes.length === 2);
    await until(() => lines.length > 0);
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['the taint is removed'],
    );
  });

  for (const [name, error] of Object.entries({
    'the API server is away': new Error('away'),
    'it has no right to': new ApiError(403, undefined),
  })) {
    it(`says once that it cannot while ${name}`, async () => {
      start(() => {
        throw error;
      });
      await until(() => reads > 3);
      assert.equal(lines.length, 1);
      assert.match(lines.join(), /the taint is not looked after/);
    });
  }
});
