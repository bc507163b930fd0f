/**
 * One end of TCP connections that stay: `talker.ts <uid> listen <port>` answers each line it gets, `talker.ts <uid>
 * connect <address> <port>` sends each line of its stdin, and prints what comes back, or `reset`. They say `ready`.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { become } from './owner.ts';

const [uid = '', verb = '', ...rest] = process.argv.slice(2);

become(Number(uid)); // first: a socket belongs to whoever opened it
if (verb === 'listen') await listen(Number(rest[0]));
else await talk(rest[0] ?? '', Number(rest[1]));
process.stdin.resume().once('close', () => process.exit());
process.stdout.write('ready\n');

async function listen(port: number): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await once(server.listen(port, '::'), 'listening');
}

async function talk(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  socket.on('data', (data) => process.stdout.write(data));
  socket.on('error', () => process.stdout.write('reset\n'));
  createInterface({ input: process.stdin }).on('line', (line) => socket.write(`${line}\n`));
}
