import { execa } from 'execa';
import { type Host } from '../bed/host.ts';
import { type Addresses, nodeAddresses, PLANE, podRange } from './addresses.ts';

/** Makes the control plane's machine a switch and a router, to which nodes can be linked. */
export async function openLan(plane: Host): Promise<void> {
  await ip(plane, [
    'link add lan type bridge',
    'link set lan up',
    ...both(PLANE, (address, bits) => `addr add ${address}/${bits} dev lan nodad`),
  ]);
}

/** Links a node to it by an eth0; whoever wants to reach that node's pods goes by way of the node. */
export async function joinLan(plane: Host, node: Host, number: number): Promise<void> {
  const own = nodeAddresses(number);
  const port = `node${number}`;
  await ip(plane, [
    `link add ${port} type veth peer name eth0 netns ${node.pid}`,
    `link set ${port} master lan up`,
  ]);
  await ip(node, [
    ...both(own, (address, bits) => `addr add ${address}/${bits} dev eth0 nodad`),
    'link set eth0 up',
    `route add default via ${PLANE.ipv4}`,
    `route add default via ${PLANE.ipv6}`,
  ]);
  const { ipv4, ipv6 } = podRange(number);
  await ip(plane, [`route add ${ipv4} via ${own.ipv4}`, `route add ${ipv6} via ${own.ipv6}`]);
}

function both(addresses: Addresses, line: (address: string, bits: number) => string): string[] {
  return [line(addresses.ipv4, 24), line(addresses.ipv6, 64)];
}

/** From outside, since only there other machines have a pid. */
async function ip({ pid }: Host, lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join('');
  await execa('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'], { input });
}
