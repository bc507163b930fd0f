/**
 * A client in a netns: `talk.ts <uid> <http | udp | tcp> <address> <port>`; `udp` and `tcp` are
 * DNS queries. It prints one line of JSON, see `Talk` in traffic.ts.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { request } from 'node:http';
import { type IncomingMessage } from 'node:http';
import { parseAnswer, renderQuery, withLength } from './dns.ts';
import { endpoint } from './endpoint.ts';
import { become } from './owner.ts';

const [uid = '', protocol = '', host = '', port = ''] = process.argv.slice(2);
const query = renderQuery('shop.example');
const timeoutMs = 3_000;

become(Number(uid));
setTimeout(() => {
  print({ failure: `no answer in ${timeoutMs} ms` });
  process.exit();
}, timeoutMs).unref();
try {
  if (protocol === 'http') await talkHttp();
  else if (protocol === 'udp') await queryOverUdp();
  else await queryOverTcp();
} catch (failure) {
  print({ failure: failure instanceof Error ? failure.message : String(failure) });
}

async function talkHttp(): Promise<void> {
  const sent = request({ host, port, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const local = endpoint(response.socket.localAddress, response.socket.localPort);
  print({ local, ...((await json(response)) as { server: string; seen: string }) });
}

/** The socket is connected: an answer from any other address than the one asked is lost. */
async function queryOverUdp(): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.connect(Number(port), host);
  await once(socket, 'connect');
  socket.send(query);
  const [reply] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  print({ answer: parseAnswer(reply) });
}

async function queryOverTcp(): Promise<void> {
  const socket = connect(Number(port), host);
  socket.write(withLength(query));
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  print({ answer: parseAnswer(reply) });
}

function print(talk: Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(talk)}\n`);
}
