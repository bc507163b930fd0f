import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../cni/fileerror.ts';
import { type Probe } from '../probe/probes.ts';
import { type Listeners } from './listen.ts';

export type Answer =
  | { readonly result: 'proven' }
  /** The network could not even be asked: what has no way out cannot leak. */
  | { readonly result: 'no route' }
  | { readonly result: 'missing'; readonly detail: string };

const ATTEMPT_MS = 300;

/** Sends one packet and sees where it arrives. */
export async function send(probe: Probe, listeners: Listeners): Promise<Answer> {
  const { packet } = probe;
  const outcome = packet.proto === 'udp' ? await sendUdp(probe) : await sendTcp(probe);
  const deadline = performance.now() + ATTEMPT_MS;
  while (!listeners.received(probe, outcome.sport)) {
    if (outcome.code === 'ENETUNREACH' || outcome.code === 'EADDRNOTAVAIL')
      return { result: 'no route' };
    if (outcome.code === 'ECONNREFUSED' || performance.now() > deadline) {
      return { result: 'missing', detail: outcome.code ?? 'it did not arrive' };
    }
    await sleep(5);
  }
  return { result: 'proven' };
}

interface Outcome {
  readonly sport: number;
  /** Of the error; undefined if there was none. */
  readonly code: string | undefined;
}

async function sendTcp({ packet }: Probe): Promise<Outcome> {
  const socket = connect({ host: packet.dst, port: packet.dport });
  let code: string | undefined;
  socket.on('error', (error) => (code = codeOf(error)));
  const closed = once(socket, 'close').catch(() => undefined);
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed, sleep(ATTEMPT_MS)]);
  const sport = socket.localPort ?? 0;
  socket.destroy();
  return { sport, code };
}

async function sendUdp({ packet }: Probe): Promise<Outcome> {
  const socket = createSocket(packet.dst.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.connect(packet.dport, packet.dst);
    await once(socket, 'connect');
    socket.send('');
    return { sport: socket.address().port, code: undefined };
  } catch (error) {
    return { sport: 0, code: codeOf(error) };
  } finally {
    socket.close();
  }
}
