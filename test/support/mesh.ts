import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Cleanup } from './cleanup.ts';
import { ip, link } from './links.ts';
import { createNetns, type Netns, removeNetns, writeSysctls } from './netns.ts';

/** A pod, a peer to which all its routes lead, and a virtual machine inside the pod. */
export interface Mesh {
  readonly pod: Netns;
  readonly peer: Netns;
  readonly vm: Netns;
}

type Addresses = Readonly<Record<Family, string>>;

/** Whom a request can be sent to. Nobody has the address of the Service: a sidecar stands for it. */
export const targets = {
  pod: { ipv4: '10.77.0.2', ipv6: '2001:db8:77::2' },
  peer: { ipv4: '10.77.0.1', ipv6: '2001:db8:77::1' },
  'pod on net1': { ipv4: '10.78.0.2', ipv6: '2001:db8:78::2' },
  'peer on net1': { ipv4: '10.78.0.1', ipv6: '2001:db8:78::1' },
  east: { ipv4: '10.1.0.5', ipv6: '2001:db8:1::5' },
  west: { ipv4: '172.16.3.4', ipv6: '2001:db8:2::5' },
  service: { ipv4: '10.96.0.10', ipv6: '2001:db8:96::10' },
  localhost: { ipv4: '127.0.0.1', ipv6: '::1' },
  'another localhost': { ipv4: '127.1.2.3', ipv6: '::1' },
} as const satisfies Record<string, Addresses>;

/** From where a sidecar speaks to its app. */
export const passthrough: Addresses = { ipv4: '127.0.0.6', ipv6: '::6' };

const vif = {
  pod: ['10.79.0.1/24', '2001:db8:79::1/64'],
  vm: ['10.79.0.2/24', '2001:db8:79::2/64'],
};

/** Three netns that begin with `prefix`; interfaces of the pod are eth0, net1 and vif0. */
export async function createMesh(prefix: string, cleanup: Cleanup): Promise<Mesh> {
  const make = (role: string): Promise<Netns> => {
    const name = `${prefix}-${role}`;
    cleanup.add(() => removeNetns(name));
    return createNetns(name);
  };
  const [pod, peer, vm] = await Promise.all([make('pod'), make('peer'), make('vm')]);
  const forwarding = { 'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1' };
  await writeSysctls(pod, forwarding);
  await link(
    { netns: pod, name: 'eth0', addresses: linked(targets.pod) },
    { netns: peer, name: 'eth0', addresses: linked(targets.peer) },
  );
  await link(
    { netns: pod, name: 'net1', addresses: linked(targets['pod on net1']) },
    { netns: peer, name: 'net1', addresses: linked(targets['peer on net1']) },
  );
  await link(
    { netns: pod, name: 'vif0', addresses: vif.pod },
    { netns: vm, name: 'eth0', addresses: vif.vm },
  );
  await ip(pod, defaultVia(Object.values(targets.peer)));
  await ip(peer, [
    ...[targets.east, targets.west].flatMap(alone).map((address) => `addr add ${address} dev lo`),
    ...defaultVia(Object.values(targets.pod)),
  ]);
  await ip(vm, defaultVia(['10.79.0.1', '2001:db8:79::1']));
  return { pod, peer, vm };
}

function linked({ ipv4, ipv6 }: Addresses): string[] {
  return [`${ipv4}/24`, `${ipv6}/64`];
}

function alone({ ipv4, ipv6 }: Addresses): string[] {
  return [`${ipv4}/32`, `${ipv6}/128`];
}

function defaultVia(gateways: readonly string[]): string[] {
  return gateways.map((gateway) => `route add default via ${gateway}`);
}
