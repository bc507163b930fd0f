// What is taken from Debian, and why: the one list behind the tool box, the image and its Dockerfile.
import { type Architecture } from './base.ts';

/** Files of one Debian package; a name that ends in `/` stands for all that is in that directory. */
export interface Part {
  readonly package: string;
  /** Below `bin` or `lib`, wherever Debian keeps it. */
  readonly files: readonly string[];
  readonly why: string;
}

/** What starts programs of an architecture, and the directory of its libraries. */
export const PLATFORMS = {
  x64: { loader: 'ld-linux-x86-64.so.2', libraries: 'x86_64-linux-gnu', interpreter: 'lib64' },
  arm64: { loader: 'ld-linux-aarch64.so.1', libraries: 'aarch64-linux-gnu', interpreter: 'lib' },
} as const satisfies Record<Architecture, unknown>;

/** The tool box beside the plugin: the programs that an ADD starts, with all that they load. */
export function toolbox(arch: Architecture): readonly Part[] {
  const { loader } = PLATFORMS[arch];
  return [
    part('util-linux', ['bin/nsenter', 'bin/unshare'], 'the way into a netns, and around nsswitch'),
    part('mount', ['bin/mount'], 'hides nsswitch.conf from -m owner'),
    part('dash', ['bin/dash'], 'starts the programs of one ADD side by side'),
    part('iproute2', ['bin/ip'], 'addresses, rules and routes'),
    part(
      'iptables',
      ['bin/xtables-nft-multi', 'bin/xtables-legacy-multi', 'lib/xtables/'],
      'both backends; all matches and targets, since rules of others are read as well',
    ),
    part('nftables', ['bin/nft'], 'finds rules of iptables-nft where iptables-legacy is used'),

    part('libc6', [`lib/${loader}`, 'lib/libc.so.6', 'lib/libm.so.6'], 'all of them'),
    part('libselinux1', ['lib/libselinux.so.1'], 'nsenter, mount'),
    part('libpcre2-8-0', ['lib/libpcre2-8.so.0'], 'libselinux1'),
    part('libmount1', ['lib/libmount.so.1'], 'mount'),
    part('libblkid1', ['lib/libblkid.so.1'], 'mount'),
    part('libbpf1', ['lib/libbpf.so.1'], 'ip'),
    part('libelf1', ['lib/libelf.so.1'], 'ip'),
    part('zlib1g', ['lib/libz.so.1'], 'libelf1'),
    part('libcap2', ['lib/libcap.so.2'], 'ip'),
    part('libbsd0', ['lib/libbsd.so.0'], 'ip, libedit2'),
    part('libmd0', ['lib/libmd.so.0'], 'libbsd0'),
    part('libmnl0', ['lib/libmnl.so.0'], 'ip, iptables-nft, nft'),
    part('libnftnl11', ['lib/libnftnl.so.11'], 'iptables-nft, nft'),
    part('libxtables12', ['lib/libxtables.so.12'], 'iptables, nft'),
    part('libip4tc2', ['lib/libip4tc.so.2'], 'iptables-legacy'),
    part('libip6tc2', ['lib/libip6tc.so.2'], 'iptables-legacy'),
    part('libnetfilter-conntrack3', ['lib/libnetfilter_conntrack.so.3'], 'the match connlabel'),
    part('libnfnetlink0', ['lib/libnfnetlink.so.0'], 'libnetfilter-conntrack3'),
    part('libnftables1', ['lib/libnftables.so.1'], 'nft'),
    part('libjansson4', ['lib/libjansson.so.4'], 'nft'),
    part('libgmp10', ['lib/libgmp.so.10'], 'nft'),
    part('libedit2', ['lib/libedit.so.2'], 'nft'),
    part('libtinfo6', ['lib/libtinfo.so.6'], 'libedit2'),
  ];
}

/** Names by which programs of the tool box are called, and what they are. */
export const LINKS: Readonly<Record<string, string>> = {
  'bin/sh': 'dash',
  ...Object.fromEntries(
    ['nft', 'legacy'].flatMap((variant) =>
      ['iptables', 'ip6tables'].flatMap((command) =>
        ['restore', 'save'].map((verb) => [
          `bin/${command}-${variant}-${verb}`,
          `xtables-${variant}-multi`,
        ]),
      ),
    ),
  ),
};

/** What the executable loads; a node has that already, the image has not. */
export function runtime(arch: Architecture): readonly Part[] {
  const { loader } = PLATFORMS[arch];
  const libraries = ['c.so.6', 'm.so.6', 'dl.so.2', 'pthread.so.0'].map((name) => `lib/lib${name}`);
  return [
    part('libc6', [`lib/${loader}`, ...libraries], 'Node.js'),
    part('libstdc++6', ['lib/libstdc++.so.6'], 'Node.js'),
    part('libgcc-s1', ['lib/libgcc_s.so.1'], 'Node.js'),
    part('gcc-12-base', [], 'the licence of both'),
  ];
}

function part(name: string, files: readonly string[], why: string): Part {
  return { package: name, files, why };
}
