import { parseBoolean } from './booleans.ts';
import {
  type Cidr,
  type CidrSet,
  LOOPBACK,
  parseCidrs,
  parseCidrSet,
  parseLoopbackCidr,
  renderCidrSet,
} from './cidrs.ts';
import { type InterfaceName, parseInterfaces } from './interfaces.ts';
import { type InterceptionMode, parseMode } from './mode.ts';
import { type OwnerId, parseGroups, parseIncludedGroups, parseOwnerId } from './owners.ts';
import {
  parsePort,
  parsePortRanges,
  parsePortSet,
  type Port,
  type PortRange,
  type PortSet,
  renderPortSet,
} from './ports.ts';
import { quote } from './quote.ts';
import { type Format } from './settings.ts';

export const MODE: Format<InterceptionMode> = {
  fallback: 'REDIRECT',
  parse: parseMode,
  render: String,
};

/** The proxy's user or group. */
export const PROXY_OWNER: Format<OwnerId> = {
  fallback: '1337',
  parse: parseOwnerId,
  render: String,
};

export function port(fallback: string): Format<Port> {
  return { fallback, parse: parsePort, render: String };
}

export function portSet(fallback: string): Format<PortSet> {
  return { fallback, parse: parsePortSet, render: renderPortSet };
}

/** Ports of the sidecar's own status; Istio's `"0"` turns it off. */
export const STATUS_PORTS: Format<readonly PortRange[]> = {
  fallback: '',
  parse: (text) => (text.trim() === '0' ? [] : parsePortRanges(text)),
  render: renderPortSet,
};

export function cidrSet(fallback: string): Format<CidrSet> {
  return { fallback, parse: parseCidrSet, render: renderCidrSet };
}

export const CIDRS: Format<readonly Cidr[]> = {
  fallback: '',
  parse: parseCidrs,
  render: renderCidrSet,
};

export const LOOPBACK_CIDR: Format<Cidr> = {
  fallback: LOOPBACK.text,
  parse: parseLoopbackCidr,
  render: ({ text }) => text,
};

export const INTERFACES: Format<readonly InterfaceName[]> = {
  fallback: '',
  parse: parseInterfaces,
  render: (names) => names.join(','),
};

export const INCLUDED_GROUPS: Format<'all' | readonly OwnerId[]> = {
  fallback: '*',
  parse: parseIncludedGroups,
  render: (groups) => (groups === 'all' ? '*' : groups.join(',')),
};

export const EXCLUDED_GROUPS: Format<readonly OwnerId[]> = {
  fallback: '',
  parse: parseGroups,
  render: (groups) => groups.join(','),
};

/** What cannot be parsed counts as unsaid, with a warning: as in Istio, whose users have it in their manifests. */
export function boolean(fallback: 'true' | 'false'): Format<boolean> {
  return {
    fallback,
    parse: (text, warn) => {
      const value = parseBoolean(text);
      if (value === undefined)
        warn(`cannot parse ${quote(text)} as a boolean: ${fallback} is used`);
      return value ?? fallback === 'true';
    },
    render: String,
  };
}
