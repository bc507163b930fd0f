import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const LEAST = 10_000;

/**
 * Ports of the loopback that nobody uses now.
 *
 * None of those that the kernel gives to whoever asks for any: one of them might be taken before its server starts, or
 * while it is stopped. Then even a client that asks whether it is back can be given the very port that it calls, and so
 * reach itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  const above = Number(range.split('\t')[0]);
  const ports = new Set<number>();
  while (ports.size < count) {
    // Where there are hardly any, the kernel's have to do.
    const wanted = above > LEAST + 1_000 ? randomInt(LEAST, above) : randomInt(above, 60_000);
    if (await isFree(wanted)) ports.add(wanted);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (isListening) await once(server.close(), 'close');
  return isListening;
}
