import assert from 'node:assert/strict';
import { type RequestListener } from 'node:http';
import { type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { postEvent, readFromAgent } from '../../../cni/facts/agent.ts';
import { SourceError } from '../../../cni/facts/source.ts';
import {
  answer,
  type Listener,
  podJson,
  serveHttp,
  serveRaw,
  temporaryDirectory,
} from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
/** Nothing here takes that long, and nothing is to: `limits.test.ts` is about what does. */
const limits = { timeoutMs: 50_000 };

describe('agent', () => {
  const directory = temporaryDirectory();
  const socket = `${directory.path}/agent.sock`;
  let listener: Listener | undefined;
  const serve = async (respond: RequestListener): Promise<void> => {
    listener = await serveHttp(socket, respond);
  };
  afterEach(async () => {
    await listener?.close();
    listener = undefined;
  });
  after(() => {
    directory.dispose();
  });

  describe('readFromAgent()', () => {
    it('asks for the pod by namespace, name and UID, each encoded', async () => {
      const asked: (string | undefined)[] = [];
      await serve(({ method, url }, response) => {
        asked.push(method, url);
        response.end(answer());
      });
      await readFromAgent(socket, { namespace: 'a/b', name: 'c d?', uid: 'e&f' }, limits);
      assert.deepEqual(asked, ['GET', '/v1/pods/a%2Fb/c%20d%3F?uid=e%26f']);
    });

    it('asks without a UID where the runtime gave none', async () => {
      const asked: (string | undefined)[] = [];
      await serve(({ url }, response) => {
        asked.push(url);
        response.end(answer());
      });
      await readFromAgent(socket, { ...ref, uid: undefined }, limits);
      assert.deepEqual(asked, ['/v1/pods/default/web-0']);
    });

    const sources = {
      watch: 'agent/watch',
      apiserver: 'agent/apiserver',
      disk: 'agent/disk',
      constructor: 'agent/other',
    };
    for (const [said, source] of Object.entries(sources)) {
      it(`names the source: ${source}`, async () => {
        await serve((_, response) => response.end(answer(podJson(), said)));
        const observedAt = '2026-01-02T03:04:05Z';
        assert.deepEqual(await readFromAgent(socket, ref, limits), {
          pod: podJson(),
          source,
          observedAt,
        });
      });
    }

    it('reads an answer that comes in chunks', async () => {
      await serve((_, response) => {
        response.write(answer().slice(0, 10));
        response.end(answer().slice(10));
      });
      assert.deepEqual((await readFromAgent(socket, ref, limits)).pod, podJson());
    });

    const refusals = [
      { status: 404, retry: true, message: 'the agent does not know the pod yet' },
      { status: 409, retry: true, message: 'the agent knows another pod of this name' },
      { status: 503, retry: true, message: 'the agent is not ready yet' },
      { status: 500, retry: true, message: `the agent at ${socket} answers with status 500` },
      { status: 302, retry: false, message: `the agent at ${socket} answers with status 302` },
      { status: 400, retry: false, message: `the agent at ${socket} answers with status 400` },
    ];
    for (const { status, retry, message } of refusals) {
      it(`answers ${retry ? 'that waiting may help' : 'that waiting will not help'}: ${status}`, async () => {
        await serve((_, response) => {
          response.writeHead(status, { location: '/elsewhere' });
          response.end('{"error": {"code": "some-code", "message": "because"}}');
        });
        const cause = new Error('because');
        await assert.rejects(
          readFromAgent(socket, ref, limits),
          new SourceError(message, { retry, cause }),
        );
      });
    }
  });

  describe('postEvent()', () => {
    it('delivers the event as JSON', async () => {
      const { promise: got, resolve } = Promise.withResolvers<unknown>();
      await serve((request, response) => {
        void text(request).then((body) => {
          resolve([request.method, request.url, JSON.parse(body)]);
          response.writeHead(202).end();
        });
      });
      await postEvent(socket, { outcome: 'redirected', pod: 'wéb' });
      assert.deepEqual(await got, ['POST', '/v1/events', { outcome: 'redirected', pod: 'wéb' }]);
    });

    it('resolves where nobody listens', async () => {
      await assert.doesNotReject(postEvent(`${directory.path}/nobody.sock`, {}));
    });

    it('resolves for what is no JSON', async () => {
      await assert.doesNotReject(postEvent(socket, { id: 1n }));
    });

    it('does not wait for the answer, nor for an agent that does not read', async () => {
      const { promise: given, resolve: give } = Promise.withResolvers<Socket>();
      listener = await serveRaw(socket, give);
      await postEvent(socket, { text: 'x'.repeat(1_000_000) }, 20);
      // It begins to read when nobody waits any more, and comes to an early end.
      const [read] = await Promise.allSettled([text(await given)]);
      assert.ok(read.status === 'rejected' || read.value.length < 1_000_000);
    });
  });
});
