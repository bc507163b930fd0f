import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../cni/fileerror.ts';
import { refuse, type Reply, send } from './reply.ts';

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** What is missing, one sentence each; `[]`: ready. */
  readonly missing: () => readonly string[];
  readonly renderMetrics: () => Promise<string>;
  readonly retryMs?: number;
  readonly onListening: (port: number) => void;
  readonly onWaiting: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Serves `/healthz`, `/readyz` and `/metrics`, until aborted. */
export async function serveHealth(options: HealthOptions): Promise<void> {
  const { signal, onListening } = options;
  const server = await listen(options);
  if (!server) return;
  const address = server.address();
  if (address !== null && typeof address === 'object') onListening(address.port);
  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  server.closeAllConnections();
}

/** While an upgrade lets two agents run in the host's network, the port is the old one's until it ends. */
async function listen(options: HealthOptions): Promise<Server | undefined> {
  const { host, port, retryMs = 1_000, onWaiting, signal } = options;
  for (let told = false; !signal.aborted; told = true) {
    const server = createServer((request, response) => {
      void answer(request.url ?? '/', options).then((reply) => {
        send(response, reply);
      });
    });
    try {
      server.listen(port, host);
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
      if (!told) onWaiting(error);
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

async function answer(url: string, { missing, renderMetrics }: HealthOptions): Promise<Reply> {
  switch (url.replace(/\?.*/, '')) {
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz': {
      const reasons = missing();
      if (reasons.length === 0) return { status: 200, body: 'ready\n' };
      return { status: 503, body: `not ready: ${reasons.join('; ')}\n` };
    }
    case '/metrics':
      return { status: 200, body: await renderMetrics() };
    default:
      return refuse(404, 'not-found', 'wanted /healthz, /readyz or /metrics');
  }
}
