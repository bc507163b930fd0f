#!/bin/sh
# Brings a Debian machine to where the other commands can run: Debian packages, then npm packages
# exactly as locked. Says what it installs and why; silent and quick if nothing is missing.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

# Two commands started at once take turns.
if command -v flock >/dev/null; then
  exec 9<package-lock.json
  flock 9
fi

fail() {
  echo "setup: $1" >&2
  exit 1
}

# npm tells which command it runs. Better said before half a minute of building than after.
if [ "${npm_lifecycle_event-}" = demo ] && [ "$(id -u)" != 0 ]; then
  fail 'the demo expects to run as root, because it makes network namespaces'
fi

missing=
# need <package> <file or command> <why>
need() {
  case $2 in
    /*) [ -e "$2" ] && return 0 ;;
    *) command -v "$2" >/dev/null && return 0 ;;
  esac
  echo "setup: needs the Debian package $1: $3"
  missing="$missing $1"
}

need iptables iptables-nft-restore 'the firewall that redirects the traffic of a pod'
need iproute2 ip 'network namespaces that stand for pods'
need util-linux nsenter 'to enter them'
need containernetworking-plugins /usr/lib/cni/bridge 'the network that pods have before Sluice comes'
need haproxy haproxy 'the sidecar of the demo and the tests'
need strace strace 'to show which files and processes an ADD touches'
need openssl openssl 'to make the certificates of a test API server'
need nftables nft 'to spoil rules in tests, and for Services of the test cluster'
need time /usr/bin/time 'to measure memory'
need binutils strip 'to make the executable smaller'
if [ "${npm_lifecycle_event-}" = test ]; then
  for shell in zsh fish; do need $shell $shell 'to complete commands in it'; done
fi

if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || fail "cannot install$missing: expected to run as root"
  command -v apt-get >/dev/null || fail "cannot install$missing: expected a Debian with apt-get"
  echo 'setup: installing them (up to a minute) ...'
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # one word per package
  if ! {
    apt-get update -q # may fail for a source that is not needed
    apt-get install -qy --no-install-recommends -o DPkg::Lock::Timeout=120 $missing
  } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "cannot install$missing: apt-get says why above"
  fi
  rm -f "$log"
fi

command -v node >/dev/null || fail 'cannot find node: expected Node.js 20 or later'
command -v npm >/dev/null || fail 'cannot find npm: expected the one that comes with Node.js'
if ! node scripts/installed.mjs; then
  echo 'setup: installing the npm packages of package-lock.json (up to a minute) ...'
  npm ci --no-audit --no-fund --loglevel=error ||
    fail 'cannot install the npm packages: npm says why above'
fi
