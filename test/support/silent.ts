import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An agent that hears and never answers, for the tests of this `describe`. */
export interface SilentAgent {
  readonly socket: () => string;
  /** Waits for somebody who asks, and goes on when all of a question is there. */
  readonly asked: () => Promise<void>;
}

export function silentAgent(): SilentAgent {
  let directory = '';
  const callers = new Set<Socket>();
  const server = createServer((caller) => {
    callers.add(caller);
    caller.on('error', () => undefined);
    caller.on('close', () => callers.delete(caller));
    caller.on('data', (text) => {
      if (text.includes('\r\n\r\n')) server.emit('question');
    });
  });
  const socket = (): string => join(directory, 'agent.sock');
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-silent-'));
    await once(server.listen(socket()), 'listening');
  });
  after(() => {
    for (const caller of callers) caller.destroy();
    server.close();
    // Whoever is skipped has made none.
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    socket,
    asked: async () => {
      await once(server, 'question');
    },
  };
}
