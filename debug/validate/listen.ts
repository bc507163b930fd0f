import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Probe } from '../probe/probes.ts';

/** Stands in for the sidecar, which does not run yet. */
export interface Listeners {
  /** Whether something has come to the port from that source port, by now. */
  readonly received: (probe: Probe, sport: number) => boolean;
  readonly close: () => void;
}

const LOCALHOST: Readonly<Record<Family, string>> = { ipv4: '127.0.0.1', ipv6: '::1' };

/** Listens wherever probes are to arrive. @throws {Error} `EADDRINUSE` where the sidecar runs already */
export async function listen(probes: readonly Probe[]): Promise<Listeners> {
  const arrived = new Set<string>();
  const opened: (Server | UdpSocket)[] = [];
  const close = (): void => {
    for (const one of opened) one.close();
  };
  const places = new Map(probes.map((probe) => [nameOf(probe, 0), probe]));
  try {
    for (const probe of places.values()) {
      const note = (sport: number): void => void arrived.add(nameOf(probe, sport));
      opened.push(
        await (probe.packet.proto === 'udp' ? listenUdp(probe, note) : listenTcp(probe, note)),
      );
    }
  } catch (error) {
    close();
    throw error;
  }
  return { received: (probe, sport) => arrived.has(nameOf(probe, sport)), close };
}

function nameOf({ family, packet, port }: Probe, sport: number): string {
  return [family, packet.proto, port, sport].join(' ');
}

type Note = (sport: number) => void;

async function listenTcp({ family, port }: Probe, note: Note): Promise<Server> {
  const server = createServer((connection) => {
    note(connection.remotePort ?? 0);
    connection.destroy();
  });
  // Nothing that comes in before we are asked may keep us from ending.
  await once(server.listen({ port, host: LOCALHOST[family] }), 'listening');
  return server.unref();
}

async function listenUdp({ family, port }: Probe, note: Note): Promise<UdpSocket> {
  const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6');
  socket.on('message', (_, client) => {
    note(client.port);
  });
  socket.bind(port, LOCALHOST[family]);
  await once(socket, 'listening');
  return socket.unref();
}
