import { type Family } from '../../cni/redirect/cidrs.ts';

export type Addresses = Readonly<Record<Family, string>>;

/** The machine of the control plane, to which all nodes are linked: their router as well. */
export const PLANE: Addresses = { ipv4: '10.88.0.1', ipv6: 'fd88::1' };
export const SERVICES: Addresses = { ipv4: '10.96.0.0/16', ipv6: 'fd96::/112' };

/** What belongs to the node of this number, from 1 on. */
export function nodeAddresses(number: number): Addresses {
  return { ipv4: `10.88.0.1${number}`, ipv6: `fd88::1${number}` };
}

/** Where the pods of that node are. */
export function podRange(number: number): Addresses {
  return { ipv4: `10.77.${number}.0/24`, ipv6: `fd77:0:0:${number}::/64` };
}
