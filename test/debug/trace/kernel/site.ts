import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Cleanup } from '../../../support/cleanup.ts';
import { ip, link } from '../../../support/links.ts';
import { createNetns, type Netns, removeNetns, writeSysctls } from '../../../support/netns.ts';
import { type Daemon, start } from '../../../support/process.ts';

/** A pod and the rest of the world, each with a program that sends packets and tells what arrives. */
export interface Site {
  readonly pod: Netns;
  readonly podProbe: Daemon;
  readonly peerProbe: Daemon;
}

export const POD = { ipv4: '192.0.2.2', ipv6: '2001:db8::2' } as const;
const PEER = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const;
export const WORLD = {
  ipv4: ['10.0.0.0/8', '172.16.0.0/12', '198.51.100.0/24'],
  ipv6: ['fd00::/8', '2a00::/16'],
} as const;
const MAC = { pod: '02:00:00:00:00:02', peer: '02:00:00:00:00:01' } as const;

/** Where somebody listens, in the pod and in the world alike. */
export const PORTS = [53, 80, 8080, 9005, 15001, 15006, 15053] as const;
/** The one whose listener takes what TPROXY gives it. */
export const TRANSPARENT = 15006;

export async function createSite(name: string, cleanup: Cleanup): Promise<Site> {
  const [pod, peer] = [await createNetns(`${name}-pod`), await createNetns(`${name}-peer`)];
  cleanup.add(() => removeNetns(pod.name));
  cleanup.add(() => removeNetns(peer.name));
  for (const netns of [pod, peer]) await writeSysctls(netns, SYSCTLS);
  await link(
    { netns: pod, name: 'eth0', addresses: [`${POD.ipv4}/24`, `${POD.ipv6}/64`] },
    { netns: peer, name: 'eth0', addresses: [`${PEER.ipv4}/24`, `${PEER.ipv6}/64`] },
  );
  await ip(pod, [...knows(PEER, MAC.pod, MAC.peer), ...podRoutes()]);
  await routeMarked(pod);
  await ip(peer, [...knows(POD, MAC.peer, MAC.pod), ...worldRoutes()]);
  const podProbe = await startProbe(pod);
  cleanup.add(podProbe.stop);
  const peerProbe = await startProbe(peer);
  cleanup.add(peerProbe.stop);
  return { pod, podProbe, peerProbe };
}

/** Sources are whoever they say they are, and nobody is looked for. */
const SYSCTLS = {
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/ipv4/conf/lo/rp_filter': '0',
  'net/ipv6/conf/default/router_solicitations': '0',
  'net/ipv4/ip_nonlocal_bind': '1',
  'net/ipv6/ip_nonlocal_bind': '1',
};

function knows(them: typeof POD | typeof PEER, own: string, theirs: string): string[] {
  return [
    `link set dev eth0 address ${own}`,
    `neigh replace ${them.ipv4} lladdr ${theirs} dev eth0 nud permanent`,
    `neigh replace ${them.ipv6} lladdr ${theirs} dev eth0 nud permanent`,
  ];
}

function podRoutes(): string[] {
  return [
    `route add default via ${PEER.ipv4}`,
    `route add default via ${PEER.ipv6}`,
    'addr add ::6/128 dev lo nodad',
  ];
}

async function routeMarked({ name }: Netns): Promise<void> {
  for (const family of ['-4', '-6']) {
    await execa('ip', [
      family,
      '-n',
      name,
      'rule',
      'add',
      'pref',
      '133',
      'fwmark',
      '1337',
      'lookup',
      '133',
    ]);
    await execa('ip', [
      family,
      '-n',
      name,
      'route',
      'add',
      'local',
      'default',
      'dev',
      'lo',
      'table',
      '133',
    ]);
  }
}

function worldRoutes(): string[] {
  return [...WORLD.ipv4, ...WORLD.ipv6].map((range) => `route add local ${range} dev lo`);
}

async function startProbe(netns: Netns): Promise<Daemon> {
  const file = fileURLToPath(new URL('probe.pl', import.meta.url));
  const probe = start({ netns }, ['perl', file, String(TRANSPARENT), ...PORTS.map(String)]);
  if (await probe.line((line) => line === 'ready')) return probe;
  await probe.stop();
  throw new Error('cannot start probe.pl: it is not ready in time');
}
