import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Netns } from './netns.ts';
import { run } from './process.ts';

interface Stray {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** Seconds without an answer that are silence. */
  readonly waitS: number;
}

/**
 * Sends a TCP packet that belongs to no connection, a SYN+ACK that nobody asked for, and tells what comes back.
 * Node.js has no raw sockets; Perl has, and is on every Debian.
 */
export async function sendStray(
  netns: Netns,
  family: Family,
  { from, to, port, waitS }: Stray,
): Promise<'reset' | 'silence'> {
  const args = [family, from, to, String(port), String(waitS)];
  const answer = await run({ netns }, ['perl', '-e', script, ...args]);
  return answer === 'reset' ? 'reset' : 'silence';
}

const script = `
use strict; use warnings; use Socket qw(:all);
my ($family, $from, $to, $port, $wait) = @ARGV;
my $af = $family eq 'ipv4' ? AF_INET : AF_INET6;
my ($source, $target) = map { inet_pton($af, $_) } $from, $to;
socket(my $socket, $af, SOCK_RAW, IPPROTO_TCP) or die "socket: $!";
my $header = sub { pack('nnNNCCnnn', 39999, $port, 1, 1, 5 << 4, 0x12, 1024, $_[0], 0) };
my $sum = unpack('%32n*', $source . $target . pack('nn', IPPROTO_TCP, 20) . $header->(0));
$sum = ($sum & 0xffff) + ($sum >> 16) for 1, 2;
my $address = $af == AF_INET ? pack_sockaddr_in(0, $target) : pack_sockaddr_in6(0, $target);
send($socket, $header->(~$sum & 0xffff), 0, $address) or die "send: $!";
while (1) {
    vec(my $ready = '', fileno($socket), 1) = 1;
    exit unless select($ready, undef, undef, $wait);
    recv($socket, my $packet, 65536, 0);
    my $tcp = $af == AF_INET ? substr($packet, (ord($packet) & 15) * 4) : $packet;
    my ($reply_from, $reply_to, $flags) = unpack('nnx9C', $tcp);
    next unless $reply_from == $port && $reply_to == 39999;
    print 'reset' if $flags & 4;
    exit;
}
`;
