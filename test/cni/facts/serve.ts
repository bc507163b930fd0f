import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of the test's own, removed with `dispose`. */
export function temporaryDirectory(): { readonly path: string; readonly dispose: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice-facts-'));
  const dispose = (): void => {
    rmSync(path, { recursive: true, force: true });
  };
  return { path, dispose };
}

/** Something that listens on a Unix socket; connections that hang are cut by `close`. */
export interface Listener {
  readonly close: () => Promise<void>;
}

/** An agent as it is to be: HTTP over a Unix socket. */
export async function serveHttp(path: string, listener: RequestListener): Promise<Listener> {
  return listen(createHttpServer(listener), path);
}

/** An agent that speaks as `talk` likes. */
export async function serveRaw(path: string, talk: (socket: Socket) => void): Promise<Listener> {
  return listen(createServer(talk), path);
}

/** An API server without TLS. */
export async function servePort(
  listener: RequestListener,
): Promise<Listener & { readonly port: number }> {
  const server = createHttpServer(listener);
  const listening = await listen(server, { host: '127.0.0.1', port: 0 });
  return { ...listening, port: (server.address() as AddressInfo).port };
}

/** Something that accepts connections, and says nothing. */
export async function serveSilence(): Promise<Listener & { readonly port: number }> {
  const server = createServer();
  const listening = await listen(server, { host: '127.0.0.1', port: 0 });
  return { ...listening, port: (server.address() as AddressInfo).port };
}

async function listen(
  server: Server,
  where: string | { host: string; port: number },
): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // The client hangs up on whoever misbehaves.
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(where);
  await once(server, 'listening');
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A v1 Pod as the agent cuts it down. */
export function podJson(metadata: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    metadata: { namespace: 'default', name: 'web-0', uid: 'uid-1', ...metadata },
    spec: { containers: [{ name: 'app' }, { name: 'istio-proxy' }] },
  };
}

/** The body of an answer of the agent. */
export function answer(pod: unknown = podJson(), source = 'watch'): string {
  return JSON.stringify({ pod, source, observedAt: '2026-01-02T03:04:05Z' });
}
