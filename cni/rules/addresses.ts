import { type Cidr, type Family } from '../redirect/cidrs.ts';
import { type RedirectPlan } from '../redirect/plan.ts';
import { type FixedAddress } from './rule.ts';

/** What the application calls itself by. */
export function loopback(plan: RedirectPlan, family: Family): Cidr | FixedAddress {
  return family === 'ipv4' ? plan.loopbackCidr : '::1/128';
}

/** Where the sidecar connects from when it passes an inbound connection on to the application. */
export function passthrough(family: Family): FixedAddress {
  return family === 'ipv4' ? '127.0.0.6/32' : '::6/128';
}

export function ofFamily(family: Family, cidrs: readonly Cidr[]): Cidr[] {
  return cidrs.filter((cidr) => cidr.family === family);
}
