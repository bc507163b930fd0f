import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { parseAnswer, renderQuery, withLength } from './dns.ts';
import { endpoint } from './endpoint.ts';
import { type Talk, type TalkProtocol } from './traffic.ts';

/** One request, and to whom. */
export interface Question {
  readonly protocol: TalkProtocol;
  readonly address: string;
  readonly port: number;
  /** Where it comes from, unless the kernel is to choose. */
  readonly from?: { readonly address?: string; readonly port?: number };
}

const query = renderQuery('shop.example');
/** Less than whoever waits for this process has. */
const timeoutMs = 20_000;

/** Sends a request from this process. Never rejects because of the network. */
export async function ask(question: Question): Promise<Talk> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    if (question.protocol === 'http') return await askHttp(question, signal);
    if (question.protocol === 'udp') return await askOverUdp(question, signal);
    return await askOverTcp(question, signal);
  } catch (failure) {
    if (signal.aborted) return { failure: `no answer in ${timeoutMs} ms` };
    return { failure: failure instanceof Error ? failure.message : String(failure) };
  }
}

async function askHttp(question: Question, signal: AbortSignal): Promise<Talk> {
  const { address: host, port, from } = question;
  const { address: localAddress, port: localPort } = from ?? {};
  const sent = request({
    host,
    port,
    agent: false,
    signal,
    ...(localAddress !== undefined && { localAddress }),
    ...(localPort !== undefined && { localPort }),
  }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const local = endpoint(response.socket.localAddress, response.socket.localPort);
  return { local, ...((await json(response)) as { server: string; seen: string }) };
}

/** The socket is connected: an answer from any other address than the one asked is lost. */
async function askOverUdp({ address, port, from }: Question, signal: AbortSignal): Promise<Talk> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    if (from) await once(socket.bind(from.port, from.address), 'listening', { signal });
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
    socket.send(query);
    const [reply] = (await once(socket, 'message', { signal })) as [Buffer];
    return { answer: parseAnswer(reply) };
  } finally {
    socket.close();
  }
}

async function askOverTcp({ address, port }: Question, signal: AbortSignal): Promise<Talk> {
  const socket = connect(port, address);
  try {
    socket.write(withLength(query));
    const [reply] = (await once(socket, 'data', { signal })) as [Buffer];
    return { answer: parseAnswer(reply) };
  } finally {
    socket.destroy();
  }
}
