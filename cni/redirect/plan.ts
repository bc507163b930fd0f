import { type Cidr, type CidrSet } from './cidrs.ts';
import { type Inbound } from './inbound.ts';
import { type InterfaceName } from './interfaces.ts';
import { type InterceptionMode } from './mode.ts';
import { type OwnerGroups, type OwnerId } from './owners.ts';
import { type Port, type PortSet } from './ports.ts';

export type { InterceptionMode, InterfaceName, OwnerId };

/** What is to be redirected, and how; every value parsed. */
export interface RedirectPlan {
  readonly mode: InterceptionMode;
  readonly proxyUid: OwnerId;
  readonly proxyGid: OwnerId;
  readonly outboundPort: Port;
  readonly inboundPort: Port;
  readonly tunnelPort: Port;
  readonly inbound: Inbound;
  readonly includeOutboundCidrs: CidrSet;
  readonly excludeOutboundCidrs: readonly Cidr[];
  /** In addition to the CIDRs, behind the excludes. */
  readonly includeOutboundPorts: PortSet;
  /** TCP and UDP; before anything else outbound. */
  readonly excludeOutboundPorts: PortSet;
  readonly excludeInterfaces: readonly InterfaceName[];
  /** Traffic that comes in here counts as outbound (virtual machines, containers in the pod). */
  readonly virtualInterfaces: readonly InterfaceName[];
  readonly ownerGroups: OwnerGroups;
  /** `127.0.0.1/32` unless the proxy container's environment says otherwise. */
  readonly loopbackCidr: Cidr;
  readonly captureDns: boolean;
  readonly dropInvalid: boolean;
}
