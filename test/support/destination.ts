import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Destination {
  readonly address: string;
  readonly port: number;
}

/**
 * Where a redirected IPv6 connection wanted to go (IP6T_SO_ORIGINAL_DST); undefined if it was not
 * redirected. Node.js has no getsockopt; Perl has, and is on every Debian.
 */
export async function originalDestination(socket: Socket): Promise<Destination | undefined> {
  const [solIpv6, originalDst] = [41, 80];
  const script = `print getsockopt(STDIN, ${solIpv6}, ${originalDst}) || ""`;
  const perl = spawn('perl', ['-e', script], { stdio: [socket, 'pipe', 'inherit'] });
  const sockaddr = await buffer(perl.stdout);
  if (sockaddr.length < 24) return undefined;
  const groups = sockaddr.toString('hex', 8, 24).match(/.{4}/g) ?? [];
  return { address: groups.join(':'), port: sockaddr.readUInt16BE(2) };
}
