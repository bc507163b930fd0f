# The inbound side of a sidecar that keeps the client's address: transparent.pl <port>. It passes each
# connection on to where it wanted to go, from the client's own address and with mark 1337, and prints
# "<client> <address> <port>". Node.js can set neither IP_TRANSPARENT nor SO_MARK; HAProxy 2.6 lacks
# the latter on its way to a server.
use strict;
use warnings;
use Socket qw(:all);

my ($port) = @ARGV;
my ($so_mark, $ip_transparent, $ipv6_transparent) = (36, 19, 75);
$SIG{CHLD} = 'IGNORE';
$| = 1;

sub transparent {
    my ($family) = @_;
    my ($level, $option) =
        $family == AF_INET ? (IPPROTO_IP, $ip_transparent) : (IPPROTO_IPV6, $ipv6_transparent);
    socket(my $socket, $family, SOCK_STREAM, 0) or die "socket: $!";
    setsockopt($socket, $level, $option, 1) or die "setsockopt: $!";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
    return $socket;
}

sub listener {
    my ($family) = @_;
    my $socket = transparent($family);
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $family == AF_INET6;
    my $any = $family == AF_INET ? pack_sockaddr_in($port, INADDR_ANY)
        : pack_sockaddr_in6($port, IN6ADDR_ANY);
    bind($socket, $any) and listen($socket, 16) or die "listen: $!";
    return $socket;
}

sub copy {
    my ($from, $to) = @_;
    while (sysread($from, my $bytes, 65536)) { syswrite($to, $bytes) }
    shutdown($to, 1);
}

sub pass_on {
    my ($client, $from) = @_;
    my $to = getsockname($client);
    my $family = sockaddr_family($to);
    my $unpack = $family == AF_INET ? \&unpack_sockaddr_in : \&unpack_sockaddr_in6;
    my $pack = $family == AF_INET ? \&pack_sockaddr_in : \&pack_sockaddr_in6;
    my (undef, $address) = $unpack->($from);
    my ($wanted_port, $wanted) = $unpack->($to);
    my $server = transparent($family);
    setsockopt($server, SOL_SOCKET, $so_mark, 1337) or die "setsockopt: $!";
    bind($server, $pack->(0, $address)) and connect($server, $to) or die "connect: $!";
    print join(' ', inet_ntop($family, $address), inet_ntop($family, $wanted), $wanted_port), "\n";
    if (fork) { copy($client, $server) } else { copy($server, $client) }
}

my @listeners = map { listener($_) } AF_INET, AF_INET6;
print "ready\n";
while (1) {
    my $ready = '';
    vec($ready, fileno($_), 1) = 1 for @listeners;
    select($ready, undef, undef, undef) > 0 or next;
    for my $listener (grep { vec($ready, fileno($_), 1) } @listeners) {
        my $from = accept(my $client, $listener) or next;
        next if fork;
        pass_on($client, $from);
        exit;
    }
}
