import { nearest } from '../spec/nearest.ts';
import { quote } from './quote.ts';

export const STATUS = 'sidecar.istio.io/status';
export const INJECT = 'sidecar.istio.io/inject';
export const INTERCEPTION_MODE = 'sidecar.istio.io/interceptionMode';
export const STATUS_PORT = 'status.sidecar.istio.io/port';
export const REROUTE_INTERFACES = 'istio.io/reroute-virtual-interfaces';

const TRAFFIC_PREFIX = 'traffic.sidecar.istio.io/';
export const INCLUDE_OUTBOUND_RANGES = `${TRAFFIC_PREFIX}includeOutboundIPRanges`;
export const EXCLUDE_OUTBOUND_RANGES = `${TRAFFIC_PREFIX}excludeOutboundIPRanges`;
export const INCLUDE_INBOUND_PORTS = `${TRAFFIC_PREFIX}includeInboundPorts`;
export const EXCLUDE_INBOUND_PORTS = `${TRAFFIC_PREFIX}excludeInboundPorts`;
export const INCLUDE_OUTBOUND_PORTS = `${TRAFFIC_PREFIX}includeOutboundPorts`;
export const EXCLUDE_OUTBOUND_PORTS = `${TRAFFIC_PREFIX}excludeOutboundPorts`;
export const EXCLUDE_INTERFACES = `${TRAFFIC_PREFIX}excludeInterfaces`;
/** The older name of `REROUTE_INTERFACES`. */
export const KUBEVIRT_INTERFACES = `${TRAFFIC_PREFIX}kubevirtInterfaces`;

const TRAFFIC_KEYS: readonly string[] = [
  INCLUDE_OUTBOUND_RANGES,
  EXCLUDE_OUTBOUND_RANGES,
  INCLUDE_INBOUND_PORTS,
  EXCLUDE_INBOUND_PORTS,
  INCLUDE_OUTBOUND_PORTS,
  EXCLUDE_OUTBOUND_PORTS,
  EXCLUDE_INTERFACES,
  KUBEVIRT_INTERFACES,
];
const MOST_WARNINGS = 5;

/** A warning for each annotation that looks like one about traffic and is none: most likely it is misspelled. */
export function unknownAnnotations(keys: readonly string[]): string[] {
  const unknown = keys.filter(
    (key) => key.startsWith(TRAFFIC_PREFIX) && !TRAFFIC_KEYS.includes(key),
  );
  return unknown
    .slice(0, MOST_WARNINGS)
    .map(
      (key) =>
        `ignored unknown annotation ${quote(key)}: nearest known one is "${nearest(key, TRAFFIC_KEYS)}"`,
    );
}
