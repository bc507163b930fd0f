import {
  boolean,
  CIDRS,
  cidrSet,
  INTERFACES,
  LOOPBACK_CIDR,
  MODE,
  port,
  portSet,
  PROXY_OWNER,
} from '../../../cni/redirect/formats.ts';
import { readOwnerGroups } from '../../../cni/redirect/groups.ts';
import { type Inbound } from '../../../cni/redirect/inbound.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type Container } from '../../../cni/redirect/pod.ts';
import { type PortSet } from '../../../cni/redirect/ports.ts';
import { variable } from '../../../cni/redirect/said.ts';
import { read, type Reading, together } from '../../../cni/redirect/settings.ts';
import { type Flag, flagOf, switchOf } from './flags.ts';

interface Ports {
  readonly include: PortSet;
  readonly exclude: PortSet;
}

/** What the arguments and the environment of an istio-init ask for; what they leave out is nothing, and not everything. */
export async function initPlan(init: Container): Promise<Reading<RedirectPlan>> {
  const said = (flag: Flag) => flagOf(init, flag);
  const inbound = await readInbound(init);
  return together<RedirectPlan>({
    mode: await read('mode', said('mode'), MODE),
    proxyUid: await read('proxyUid', said('proxyUid'), PROXY_OWNER),
    proxyGid: await read('proxyGid', said('proxyGid') ?? said('proxyUid'), PROXY_OWNER),
    outboundPort: await read('outboundPort', said('outboundPort'), port('15001')),
    inboundPort: await read('inboundPort', said('inboundPort'), port('15006')),
    tunnelPort: await read('tunnelPort', said('tunnelPort'), port('15008')),
    inbound,
    includeOutboundCidrs: await read('includeCidrs', said('includeCidrs'), cidrSet('')),
    excludeOutboundCidrs: await read('excludeCidrs', said('excludeCidrs'), CIDRS),
    includeOutboundPorts: await read('includePorts', said('includePorts'), portSet('')),
    excludeOutboundPorts: await read('excludePorts', said('excludePorts'), portSet('')),
    excludeInterfaces: await read('excludeInterfaces', said('excludeInterfaces'), INTERFACES),
    virtualInterfaces: await read('virtualInterfaces', said('virtualInterfaces'), INTERFACES),
    ownerGroups: await readOwnerGroups(init),
    loopbackCidr: await read(
      'loopbackCidr',
      variable(init, 'ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR'),
      LOOPBACK_CIDR,
    ),
    captureDns: await read('captureDns', switchOf(init, 'captureDns'), boolean('false')),
    dropInvalid: await read('dropInvalid', switchOf(init, 'dropInvalid'), boolean('false')),
  });
}

async function readInbound(init: Container): Promise<Reading<Inbound>> {
  const include = flagOf(init, 'includeInbound');
  const exclude = flagOf(init, 'excludeInbound');
  const said = together<Ports>({
    include: await read('includeInbound', include, portSet('')),
    exclude: await read('excludeInbound', exclude, portSet('')),
  });
  return { ...said, value: capture(said.value) };
}

function capture({ include, exclude }: Ports): Inbound {
  if (include === 'all') {
    return exclude === 'all' ? { capture: 'none' } : { capture: 'all', exclude };
  }
  return include.length > 0 ? { capture: 'ports', ports: include } : { capture: 'none' };
}
