// A program of a machine: listens on its loopback, and passes every connection on to a Unix socket, behind which is
// somebody in another netns. `door.ts <port> <socket>`
import { connect, createServer } from 'node:net';
import { couple } from './couple.ts';

const [port = '', socket = ''] = process.argv.slice(2);
createServer((client) => {
  couple(client, connect(socket));
}).listen(Number(port), '127.0.0.1');
