/**
 * A server in a netns: `serve.ts <uid> http <name> <port>…` or `serve.ts <uid> dns <answer> <port>
 * <address>…`.
 * It says `ready`, and ends when its stdin does, that is, with whoever started it.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { renderAnswer, withLength } from './dns.ts';
import { endpoint } from './endpoint.ts';
import { become } from './owner.ts';

const [uid = '', protocol = '', text = '', ...rest] = process.argv.slice(2);

become(Number(uid)); // first: a socket belongs to whoever opened it
if (protocol === 'http') {
  for (const port of rest) await serveHttp(Number(port));
} else {
  const [port, ...addresses] = rest;
  for (const address of addresses) await serveDns(Number(port), address);
}
process.stdin.resume().once('close', () => process.exit());
process.stdout.write('ready\n');

/** Tells each client who it is and from where it seems to come. */
async function serveHttp(port: number): Promise<void> {
  const server = createHttpServer((request, response) => {
    const { remoteAddress, remotePort } = request.socket;
    response.end(JSON.stringify({ server: text, seen: endpoint(remoteAddress, remotePort) }));
  });
  await once(server.listen(port, '::'), 'listening');
}

/** Answers every query, over UDP and TCP, with the one address. */
async function serveDns(port: number, address: string): Promise<void> {
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (query, client) => {
    udp.send(renderAnswer(query, text), client.port, client.address);
  });
  const tcp = createServer((connection) => {
    connection.once('data', (query) => {
      connection.end(withLength(renderAnswer(query.subarray(2), text)));
    });
  });
  udp.bind(port, address);
  tcp.listen(port, address);
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
}
