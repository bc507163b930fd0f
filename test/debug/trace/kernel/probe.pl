# Sends packets as any user and tells what arrives: probe.pl <transparent port> <port>… It reads lines from stdin:
#   send <tcp|udp> <uid> <gid> <src> <sport> <dst> <dport> <mark>
#   open <uid> <gid> <src> <sport> <dst> <dport>   begins an exchange over UDP, which is answered
#   again <sport>      one more packet of it
#   collect <number>   waits for so many and no more, or until nothing comes for a while
# and prints "got <tcp|udp> <sport> <port>" for each that arrived, and "end". The source port is a packet's name.
use strict;
use warnings;
use Socket qw(:all);
use IO::Handle;

my ($transparent, @ports) = @ARGV;
my ($so_mark, $ip_transparent, $ipv6_transparent) = (36, 19, 75);
my (%tcp, %udp, %open, @sent);
$| = 1;
$^F = 0;

sub address {
    my ($family, $text, $port) = @_;
    my $packed = inet_pton($family, $text) or die "address $text";
    return $family == AF_INET ? pack_sockaddr_in($port, $packed) : pack_sockaddr_in6($port, $packed);
}

sub opened {
    my ($family, $type) = @_;
    socket(my $socket, $family, $type, 0) or die "socket: $!";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "reuse: $!";
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $family == AF_INET6;
    $socket->blocking(0);
    return $socket;
}

sub transparently {
    my ($family, $socket) = @_;
    my ($level, $option) =
        $family == AF_INET ? (IPPROTO_IP, $ip_transparent) : (IPPROTO_IPV6, $ipv6_transparent);
    setsockopt($socket, $level, $option, 1) or die "transparent: $!";
}

for my $family (AF_INET, AF_INET6) {
    for my $port (@ports) {
        for my $type (SOCK_STREAM, SOCK_DGRAM) {
            my $socket = opened($family, $type);
            transparently($family, $socket) if $port == $transparent;
            setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 1 << 20);
            bind($socket, address($family, $family == AF_INET ? '0.0.0.0' : '::', $port))
                or die "bind $port: $!";
            listen($socket, 1024) or die "listen: $!" if $type == SOCK_STREAM;
            ($type == SOCK_STREAM ? \%tcp : \%udp)->{ fileno $socket } = [$socket, $port];
        }
    }
}

sub socket_of {
    my ($proto, $uid, $gid, $src, $sport) = @_;
    my $family = $src =~ /:/ ? AF_INET6 : AF_INET;
    # A socket belongs to whoever opens it.
    $) = "$gid $gid";
    $> = $uid;
    my $socket = opened($family, $proto eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM);
    $> = 0;
    $) = '0 0';
    bind($socket, address($family, $src, $sport)) or die "bind $src $sport: $!";
    return $socket;
}

sub send_one {
    my ($proto, $uid, $gid, $src, $sport, $dst, $dport, $mark) = @_;
    my $socket = socket_of($proto, $uid, $gid, $src, $sport);
    setsockopt($socket, SOL_SOCKET, $so_mark, $mark + 0) or die "mark: $!";
    my $to = address($dst =~ /:/ ? AF_INET6 : AF_INET, $dst, $dport);
    # Errors are answers too: the netns may drop it at once.
    if ($proto eq 'tcp') { connect($socket, $to); push @sent, $socket }
    else { send($socket, $sport, 0, $to) }
}

sub open_one {
    my ($uid, $gid, $src, $sport, $dst, $dport) = @_;
    my $to = address($dst =~ /:/ ? AF_INET6 : AF_INET, $dst, $dport);
    $open{$sport} = [socket_of('udp', $uid, $gid, $src, $sport), $to];
    send($open{$sport}[0], "hello $dst", 0, $to) or die "hello: $!";
}

# From the address that was asked: the kernel would choose another.
sub welcome {
    my ($to, $address, $port) = @_;
    send(socket_of('udp', 0, 0, $address, $port), 'welcome', 0, $to) or die "welcome: $!";
}

sub receive {
    my $ready = '';
    vec($ready, $_, 1) = 1 for keys %tcp, keys %udp;
    my ($wait) = @_;
    return 0 if select($ready, undef, undef, $wait) <= 0;
    my $count = 0;
    for my $number (grep { vec($ready, $_, 1) } keys %udp) {
        my ($socket, $port) = @{ $udp{$number} };
        while (my $from = recv($socket, my $sport, 64, 0)) {
            if ($sport =~ /^hello (.+)/) { welcome($from, $1, $port); next }
            print "got udp $sport $port\n";
            $count++;
        }
    }
    for my $number (grep { vec($ready, $_, 1) } keys %tcp) {
        my ($socket, $port) = @{ $tcp{$number} };
        while (my $from = accept(my $client, $socket)) {
            my $unpack = sockaddr_family($from) == AF_INET ? \&unpack_sockaddr_in : \&unpack_sockaddr_in6;
            my ($sport) = $unpack->($from);
            # Over at once: the packets of an orderly end would come when other rules are there.
            setsockopt($client, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
            print "got tcp $sport $port\n";
            $count++;
        }
    }
    return $count;
}

sub collect {
    my ($wanted) = @_;
    my $count = 0;
    while (1) {
        my $more = receive($count < $wanted ? 0.4 : 0.005);
        last if $more == 0;
        $count += $more;
    }
    setsockopt($_, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)), close($_) for splice @sent;
    print "end\n";
}

print "ready\n";
while (my $line = <STDIN>) {
    my ($verb, @words) = split ' ', $line;
    if ($verb eq 'send') { send_one(@words) }
    elsif ($verb eq 'open') { open_one(@words) }
    elsif ($verb eq 'again') { send($open{$words[0]}[0], $words[0], 0, $open{$words[0]}[1]) }
    elsif ($verb eq 'sync') { print "synced\n" }
    else { collect(@words) }
}
