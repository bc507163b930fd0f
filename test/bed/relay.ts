import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { couple } from './couple.ts';
import { type Host } from './host.ts';

/**
 * Lets programs of a machine speak to a server on the loopback of this process, on the same port of their own.
 *
 * @returns what takes no more connections; the machine's side ends with the machine
 */
export async function relayInto(host: Host, port: number): Promise<() => void> {
  const socket = join(host.directory, `relay-${port}.sock`);
  const server = createServer((client) => {
    couple(client, connect(port, '127.0.0.1'));
  });
  await once(server.listen(socket), 'listening');
  const door = join(import.meta.dirname, 'door.ts');
  host.daemon(`relay-${port}`, process.execPath, ['--no-warnings', door, `${port}`, socket]);
  return () => server.close();
}
