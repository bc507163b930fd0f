import { type Netns } from './netns.ts';
import { startProgram, type Daemon } from './process.ts';

/** What a client can tell afterwards; endpoints as `10.0.0.1:80`, `[fd00::1]:80`. */
export type Talk =
  | { readonly local: string; readonly server: string; readonly seen: string }
  | { readonly answer: string }
  | { readonly failure: string };

/** `udp` and `tcp` are DNS queries. */
export type TalkProtocol = 'http' | 'udp' | 'tcp';

/** A server that tells each client from where it seems to come. */
export function serveHttp(
  { netns, uid }: { readonly netns: Netns; readonly uid: number },
  name: string,
  ports: readonly number[],
): Promise<Daemon> {
  return startProgram(netns, 'serve.ts', [`${uid}`, 'http', name, ...ports.map(String)]);
}

/**
 * A nameserver, UDP and TCP, that answers every query with the one IPv4 address. One that redirected
 * queries reach must listen on loopback addresses as Istio's does: the kernel would choose another
 * source for the answers of a wildcard socket, and the client would not take them.
 */
export function serveDns(
  { netns, uid }: { readonly netns: Netns; readonly uid: number },
  answer: string,
  { port, addresses }: { readonly port: number; readonly addresses: readonly string[] },
): Promise<Daemon> {
  return startProgram(netns, 'serve.ts', [`${uid}`, 'dns', answer, `${port}`, ...addresses]);
}
