import { type Cidr } from './cidrs.ts';
import { type Port, type PortRange } from './ports.ts';

declare const id: unique symbol;
/** A user or group ID from 1 to 4294967294. */
export type OwnerId = number & { readonly [id]: true };
declare const iface: unique symbol;
/** The name of a network interface as `-i` and `-o` take it. */
export type InterfaceName = string & { readonly [iface]: true };

export type InterceptionMode = 'REDIRECT' | 'TPROXY';

/** What is to be redirected, and how; every value parsed. */
export interface RedirectPlan {
  readonly mode: InterceptionMode;
  readonly proxyUid: OwnerId;
  readonly proxyGid: OwnerId;
  readonly outboundPort: Port;
  readonly inboundPort: Port;
  readonly tunnelPort: Port;
  /** `all`: every TCP port but these; `ports`: only these (the excludes do not count then); `none`. */
  readonly inbound:
    | { readonly capture: 'all'; readonly exclude: readonly PortRange[] }
    | { readonly capture: 'ports'; readonly ports: readonly PortRange[] }
    | { readonly capture: 'none' };
  readonly includeOutboundCidrs: 'all' | readonly Cidr[];
  readonly excludeOutboundCidrs: readonly Cidr[];
  /** In addition to the CIDRs, behind the excludes. */
  readonly includeOutboundPorts: 'all' | readonly PortRange[];
  /** TCP and UDP; before anything else outbound. */
  readonly excludeOutboundPorts: 'all' | readonly PortRange[];
  readonly excludeInterfaces: readonly InterfaceName[];
  /** Traffic that comes in here counts as outbound (virtual machines, containers in the pod). */
  readonly virtualInterfaces: readonly InterfaceName[];
  /** Groups whose processes are redirected; by name or number as the proxy container's environment says. */
  readonly ownerGroups:
    | { readonly redirect: 'all' }
    | { readonly redirect: 'only'; readonly groups: readonly OwnerId[] }
    | { readonly redirect: 'except'; readonly groups: readonly OwnerId[] };
  /** `127.0.0.1/32` unless the proxy container's environment says otherwise. */
  readonly loopbackCidr: Cidr;
  readonly captureDns: boolean;
  readonly dropInvalid: boolean;
}
