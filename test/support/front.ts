/**
 * HAProxy asks the kernel for the original destination of redirected connections in IPv4 only
 * (2.6, Debian 12). This stands in front of it in IPv6 and tells it by the PROXY protocol:
 * `front.ts <uid> <port>=<Unix socket of HAProxy>…`. It says `ready`, and ends when its stdin does.
 *
 * @see https://github.com/haproxy/haproxy/blob/v2.6.0/src/sock_inet.c
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { originalDestination } from './destination.ts';
import { become } from './owner.ts';

const [uid = '', ...doors] = process.argv.slice(2);

become(Number(uid));
for (const door of doors) {
  const [port, haproxy = ''] = door.split('=');
  // Not one byte is read before the connection is handed over, nor left behind at its end.
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    passOn(client, haproxy).catch(() => client.destroy());
  });
  await once(server.listen({ port: Number(port), host: '::', ipv6Only: true }), 'listening');
}
process.stdin.resume().once('close', () => process.exit());
process.stdout.write('ready\n');

async function passOn(client: Socket, path: string): Promise<void> {
  const destination = await originalDestination(client);
  if (!destination) throw new Error('cannot pass a connection on: it was not redirected');
  const { remoteAddress = '', remotePort = 0 } = client;
  const haproxy = connect({ path, allowHalfOpen: true });
  haproxy.write(
    `PROXY TCP6 ${remoteAddress} ${destination.address} ${remotePort} ${destination.port}\r\n`,
  );
  await Promise.all([pipeline(client, haproxy), pipeline(haproxy, client)]);
}
