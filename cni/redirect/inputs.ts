import { CniError, ErrorCode } from '../spec/error.ts';
import {
  EXCLUDE_INTERFACES,
  EXCLUDE_OUTBOUND_PORTS,
  EXCLUDE_OUTBOUND_RANGES,
  INCLUDE_OUTBOUND_PORTS,
  INCLUDE_OUTBOUND_RANGES,
  INJECT,
  INTERCEPTION_MODE,
  KUBEVIRT_INTERFACES,
  REROUTE_INTERFACES,
  unknownAnnotations,
} from './annotations.ts';
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
} from './formats.ts';
import { readOwnerGroups } from './groups.ts';
import { readInbound } from './inbound.ts';
import { type RedirectPlan } from './plan.ts';
import { type Container, type PodFacts } from './pod.ts';
import { annotation, argument, labelOrAnnotation, runsAs, variable } from './said.ts';
import { read, type Reading, type Setting, together } from './settings.ts';
import { sizeProblems } from './size.ts';

/** A plan with all that is to be told about it. */
export interface Planned {
  readonly plan: RedirectPlan;
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
}

/** Decide whether there is a plan at all: seen before, but told here. */
interface Switches {
  readonly inject: boolean;
  readonly proxyDisabled: boolean;
}

/**
 * What a pod wants, given the container its proxy runs in.
 *
 * @throws {CniError} `invalidAnnotation`, naming everything that is wrong
 */
export async function planRedirect(pod: PodFacts, proxy: Container): Promise<Planned> {
  const switches = together<Switches>({
    inject: await read('inject', labelOrAnnotation(pod, INJECT), boolean('true')),
    proxyDisabled: await read('proxyDisabled', variable(proxy, 'DISABLE_ENVOY'), boolean('false')),
  });
  const plan = await readPlan(pod, proxy);
  const problems = [...switches.problems, ...plan.problems, ...sizeProblems(plan.value)];
  // One message without a cause: an Event shows both, and would say everything twice.
  if (problems.length > 0) {
    throw new CniError(ErrorCode.invalidAnnotation, `cannot use ${problems.join('; ')}`);
  }
  return {
    plan: plan.value,
    settings: [...switches.settings, ...plan.settings],
    warnings: [
      ...switches.warnings,
      ...plan.warnings,
      ...unknownAnnotations(Object.keys(pod.annotations)),
    ],
  };
}

async function readPlan(pod: PodFacts, proxy: Container): Promise<Reading<RedirectPlan>> {
  const said = (key: string) => annotation(pod, key);
  const env = (key: string) => variable(proxy, key);
  const interfaces = said(REROUTE_INTERFACES) ?? said(KUBEVIRT_INTERFACES);
  return together<RedirectPlan>({
    mode: await read('interceptionMode', said(INTERCEPTION_MODE), MODE),
    proxyUid: await read('proxyUid', runsAs(pod, proxy, 'runAsUser'), PROXY_OWNER),
    proxyGid: await read('proxyGid', runsAs(pod, proxy, 'runAsGroup'), PROXY_OWNER),
    outboundPort: await read('outboundPort', argument(pod, '-p', '--envoy-port'), port('15001')),
    inboundPort: await read(
      'inboundPort',
      argument(pod, '-z', '--inbound-capture-port'),
      port('15006'),
    ),
    tunnelPort: await read(
      'tunnelPort',
      argument(pod, '-e', '--inbound-tunnel-port'),
      port('15008'),
    ),
    inbound: await readInbound(pod),
    includeOutboundCidrs: await read(
      'includeOutboundIPRanges',
      said(INCLUDE_OUTBOUND_RANGES),
      cidrSet('*'),
    ),
    excludeOutboundCidrs: await read(
      'excludeOutboundIPRanges',
      said(EXCLUDE_OUTBOUND_RANGES),
      CIDRS,
    ),
    includeOutboundPorts: await read(
      'includeOutboundPorts',
      said(INCLUDE_OUTBOUND_PORTS),
      portSet(''),
    ),
    excludeOutboundPorts: await read(
      'excludeOutboundPorts',
      said(EXCLUDE_OUTBOUND_PORTS),
      portSet('15020'),
    ),
    excludeInterfaces: await read('excludeInterfaces', said(EXCLUDE_INTERFACES), INTERFACES),
    virtualInterfaces: await read('virtualInterfaces', interfaces, INTERFACES),
    ownerGroups: await readOwnerGroups(proxy),
    loopbackCidr: await read(
      'loopbackCidr',
      env('ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR'),
      LOOPBACK_CIDR,
    ),
    captureDns: await read('captureDns', env('ISTIO_META_DNS_CAPTURE'), boolean('false')),
    dropInvalid: await read('dropInvalid', env('INVALID_DROP'), boolean('false')),
  });
}
