import { mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { createAuthority, issue } from '../cni/facts/pki.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { type Cleanup } from '../support/cleanup.ts';
import { History, type V1Object } from './history.ts';
import { Writes } from './writes.ts';

export interface FakeApiServer {
  readonly access: {
    readonly host: string;
    readonly port: string;
    readonly serviceAccountDir: string;
  };
  readonly history: History;
  /** What else it has, by path. */
  readonly objects: Map<string, object>;
  readonly writes: Writes;
  /** Paths with their queries, in the order of asking. */
  readonly requests: readonly string[];
  /** What it lets in; `token` in the service account's directory is to hold it. */
  setToken(token: string): void;
  writeToken(token: string): void;
  /** Watches that are open now. */
  watches(): number;
  bookmark(): void;
  /** Sends this to all watches. */
  say(text: string): void;
  /** Ends all watches as their time-out does, or cuts all connections. */
  end(how: 'cleanly' | 'reset'): void;
  /** Answers nothing at all, or again. */
  setMute(isMute: boolean): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** In a directory of its own; both are gone with the clean-up. */
export async function servedApi(
  cleanup: Cleanup,
): Promise<{ readonly server: FakeApiServer; readonly directory: string }> {
  const { path: directory, dispose } = temporaryDirectory();
  cleanup.add(dispose);
  const server = await fakeApiServer(directory);
  cleanup.add(() => server.stop());
  return { server, directory };
}

/** As much of a kube-apiserver as an agent sees: TLS, tokens, list, watch with bookmarks, 410. */
export async function fakeApiServer(directory: string): Promise<FakeApiServer> {
  const serviceAccountDir = `${directory}/serviceaccount`;
  mkdirSync(serviceAccountDir);
  const authority = createAuthority(directory);
  const { key, cert } = issue(directory, 'apiserver', authority, 'IP:127.0.0.1');
  writeFileSync(`${serviceAccountDir}/ca.crt`, authority.cert);
  const writeToken = (text: string): void => {
    writeFileSync(`${serviceAccountDir}/token`, `${text}\n`);
  };
  writeToken('first');

  const history = new History();
  const objects = new Map<string, object>();
  const writes = new Writes();
  const requests: string[] = [];
  const watches = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let token = 'first';
  let isMute = false;
  let port = 0;
  let server: Server;

  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'https://apiserver');
    requests.push(url.pathname + url.search);
    if (isMute) return;
    if (request.headers.authorization !== `Bearer ${token}`) fail(response, 401, 'Unauthorized');
    else if (request.method !== 'GET') void writes.take(request, response);
    else if (url.searchParams.get('watch') === 'true') {
      // Nobody tells of anything else.
      if (url.pathname === '/api/v1/pods') watch(url.searchParams, response);
    } else if (url.pathname === '/api/v1/pods') reply(response, history.list(nodeOf(url)));
    else {
      const [namespace, , name] = url.pathname.split('/').slice(4);
      const found = objects.get(url.pathname) ?? history.find(namespace, name);
      if (found) reply(response, found);
      else fail(response, 404, `"${url.pathname.split('/').at(-1) ?? ''}" not found`);
    }
  };
  const watch = (query: URLSearchParams, response: ServerResponse): void => {
    const from = Number(query.get('resourceVersion'));
    if (from < history.compactedTo && history.goneBy === 'status') {
      fail(response, 410, 'too old resource version');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < history.compactedTo) {
      const object = { kind: 'Status', code: 410, message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    const node = query.get('fieldSelector')?.split('=')[1];
    watches.add(response);
    const stop = history.follow(from, (event) => {
      if (nodeNameOf(event.object) === node && !response.writableEnded)
        response.write(`${JSON.stringify(event)}\n`);
    });
    response.on('close', () => {
      stop();
      watches.delete(response);
    });
  };
  const say = (text: string): void => {
    for (const response of watches) response.write(text);
  };
  const fake: FakeApiServer = {
    get access() {
      return { host: '127.0.0.1', port: String(port), serviceAccountDir };
    },
    history,
    objects,
    writes,
    requests,
    setToken: (text) => (token = text),
    writeToken,
    watches: () => watches.size,
    say,
    bookmark: () => {
      const object = { kind: 'Pod', metadata: { resourceVersion: history.version() } };
      say(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    },
    end: (how) => {
      if (how === 'cleanly') for (const response of watches) response.end();
      else for (const socket of sockets) socket.resetAndDestroy();
    },
    setMute: (value) => (isMute = value),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
    start: async () => {
      server = createServer({ key, cert }, respond);
      server.on('connection', (socket) => {
        if (!(socket instanceof Socket)) return;
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => sockets.delete(socket));
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
    },
  };
  await fake.start();
  return fake;
}

function reply(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, code: number, message: string): void {
  reply(response, { kind: 'Status', code, message }, code);
}

function nodeOf(url: URL): string | undefined {
  return url.searchParams.get('fieldSelector')?.split('=')[1];
}

function nodeNameOf({ spec }: V1Object): string {
  return spec.nodeName;
}
