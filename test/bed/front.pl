#!/usr/bin/perl
# test/support/front.ts for an image without Node.js: HAProxy finds the original destination of a redirected connection
# in IPv4 only, so this stands in front of it in IPv6 and tells it by the PROXY protocol.
# front.pl <port>=<Unix socket of HAProxy>…
use strict;
use warnings;
use Socket qw(:all);

use constant IP6T_SO_ORIGINAL_DST => 80;

$SIG{CHLD} = 'IGNORE';
for my $door (@ARGV) {
    serve( split /=/, $door ) if fork == 0;
}

sub serve {
    my ( $port, $haproxy ) = @_;
    socket( my $server, AF_INET6, SOCK_STREAM, 0 ) or die "socket: $!";
    setsockopt( $server, SOL_SOCKET,   SO_REUSEADDR, 1 ) or die "setsockopt: $!";
    setsockopt( $server, IPPROTO_IPV6, IPV6_V6ONLY,  1 ) or die "setsockopt: $!";
    bind( $server, pack_sockaddr_in6( $port, IN6ADDR_ANY ) ) or die "bind: $!";
    listen( $server, 128 ) or die "listen: $!";
    while (1) {
        accept( my $client, $server ) or next;
        if ( fork == 0 ) {
            pass( $client, $haproxy );
            exit;
        }
    }
}

sub pass {
    my ( $client, $path ) = @_;
    my $answer = getsockopt( $client, IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST ) or die "getsockopt: $!";
    my $wanted = substr $answer, 0, 28; # the kernel leaves the length as it was
    my ( $port, $address )      = unpack_sockaddr_in6($wanted);
    my ( $from, $from_address ) = unpack_sockaddr_in6( getpeername $client );
    socket( my $haproxy, AF_UNIX, SOCK_STREAM, 0 ) or die "socket: $!";
    connect( $haproxy, pack_sockaddr_un($path) ) or die "connect: $!";
    my @ends = map { inet_ntop( AF_INET6, $_ ) } $from_address, $address;
    syswrite $haproxy, "PROXY TCP6 @ends $from $port\r\n";
    if   ( fork == 0 ) { copy( $client,  $haproxy ) }
    else               { copy( $haproxy, $client ) }
}

sub copy {
    my ( $from, $to ) = @_;
    while ( sysread $from, my $bytes, 65536 ) {
        while ( length $bytes ) {
            my $sent = syswrite( $to, $bytes ) or return;
            substr( $bytes, 0, $sent ) = '';
        }
    }
    shutdown $to, SHUT_WR;
}
