import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SocketOptions {
  readonly path: string;
  readonly listener: RequestListener;
  /** How often to see whether somebody is still behind the path. */
  readonly checkMs?: number;
  /** How long answers under way may take at the end. */
  readonly graceMs?: number;
  /** Told each time that the path becomes ours. */
  readonly onListening: () => void;
  readonly signal: AbortSignal;
}

/**
 * Serves on a Unix socket that only root may use, until aborted. A stale one, or another agent's, is replaced.
 *
 * A socket comes to its path by a rename, so that whoever connects while an upgrade lets two agents run finds the old or
 * the new one. Nobody removes it in the end: by then the path may be the successor's. If the successor dies, or the
 * socket is removed by somebody else, it is ours again.
 */
export async function keepSocket(options: SocketOptions): Promise<void> {
  const { path, checkMs = 1_000, graceMs = 2_000, onListening, signal } = options;
  const servers: Server[] = [];
  try {
    for (let served = false; !signal.aborted; served = await answers(path)) {
      if (!served) {
        servers.unshift(await listen(options));
        onListening();
      }
      await sleep(checkMs, undefined, { signal }).catch(() => undefined);
      // Nobody can reach those whose path is gone.
      for (const old of servers.splice(1)) old.close();
    }
  } finally {
    await Promise.all(servers.map((server) => end(server, graceMs)));
  }
}

async function listen({ path, listener }: SocketOptions): Promise<Server> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, listener);
  server.maxConnections = 1_000;
  server.on('clientError', (_error, connection) => {
    connection.destroy();
  });
  // A process ID would not do: in two containers both are 1.
  const temporary = `${path}.${randomBytes(3).toString('hex')}`;
  try {
    server.listen(temporary);
    await once(server, 'listening');
    await chmod(temporary, 0o600);
    await rename(temporary, path);
    return server;
  } catch (error) {
    server.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether somebody accepts connections there; it may be another agent. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(timer);
}
