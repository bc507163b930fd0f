import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endpoint } from './endpoint.ts';
import { type HaproxyOptions, renderHaproxyConfig } from './haproxy.ts';
import { type Netns } from './netns.ts';
import { type Daemon, PATIENCE_MS, start, startProgram } from './process.ts';

/** A connection that came to the sidecar; endpoints as `10.0.0.1:80`, `[fd00::1]:80`. */
export interface Passage {
  readonly direction: 'inbound' | 'outbound';
  readonly client: string;
  /** Where it wanted to go before it was redirected. */
  readonly destination: string;
}

export interface Sidecar {
  readonly passages: () => readonly Passage[];
  /** The connection of that client; undefined if the sidecar tells of none in time. */
  readonly passageOf: (client: string) => Promise<Passage | undefined>;
  readonly stop: () => Promise<void>;
}

/** What differs from a sidecar as it is by default. */
export interface SidecarOptions extends Partial<HaproxyOptions> {
  /** Its user and its group. */
  readonly id?: number;
}

/**
 * HAProxy as the sidecar: by default uid and gid 1337, 15001 for outbound and 15006 for inbound
 * connections, both families. It passes each on to where it wanted to go, inbound ones from 127.0.0.6 and ::6.
 * With TPROXY it is root in that group, because accepting such connections needs a capability.
 *
 * @param directory where it makes a `sidecar` of its own
 */
export async function startSidecar(
  netns: Netns,
  directory: string,
  {
    id = 1337,
    mode = 'REDIRECT',
    outboundPort = 15001,
    inboundPort = 15006,
    services = {},
  }: SidecarOptions = {},
): Promise<Sidecar> {
  const own = join(directory, 'sidecar');
  await mkdir(own);
  await chown(own, id, id);
  const file = join(own, 'haproxy.cfg');
  const config = renderHaproxyConfig(own, { mode, outboundPort, inboundPort, services });
  await writeFile(file, config, { mode: 0o644 });

  const owner = { uid: mode === 'REDIRECT' ? id : 0, gid: id };
  const haproxy = start({ netns, owner }, ['haproxy', '-db', '-f', file]);
  await listening(haproxy, inboundPort);
  const doors = [
    `${outboundPort}=${own}/outbound.sock`,
    ...(mode === 'REDIRECT' ? [`${inboundPort}=${own}/inbound.sock`] : []),
  ];
  const front = await startProgram(netns, 'front.ts', [`${id}`, ...doors]);

  return {
    passages: () => haproxy.lines.map(parsePassage).filter((passage) => passage !== undefined),
    passageOf: async (client) => {
      const isOurs = (line: string): boolean => parsePassage(line)?.client === client;
      return parsePassage((await haproxy.line(isOurs)) ?? '');
    },
    stop: async () => {
      await Promise.all([haproxy.stop(), front.stop()]);
    },
  };
}

/** `outbound 10.0.0.2 41234 192.0.2.1 80` */
function parsePassage(line: string): Passage | undefined {
  const [direction, client, clientPort, address, port] = line.split(' ');
  if (direction !== 'inbound' && direction !== 'outbound') return undefined;
  return {
    direction,
    client: endpoint(client, clientPort),
    destination: endpoint(address, port),
  };
}

/** HAProxy says nothing when it is ready, so look whether its listeners are there: all at once. */
async function listening(haproxy: Daemon, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const sockets = await readFile(`/proc/${haproxy.pid}/net/tcp`, 'utf8').catch(() => '');
    if (sockets.includes(`:${port.toString(16).toUpperCase()} `)) return;
    await haproxy.line(() => false, 10); // throws when it has ended
  }
  throw new Error(`cannot start haproxy: it does not listen on port ${port}`);
}
