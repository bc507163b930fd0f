import { type Cases, traffic } from './case.ts';

const captured = {
  'app -> peer:53/udp': 'dns',
  'app -> peer:53/tcp': 'dns',
  'app -> east:53/udp': 'dns',
  'app -> service:53/udp': 'dns',
  'app -> service:53/tcp': 'dns',
} as const;

/** Queries, to whichever server; a client takes an answer only from the address that it asked. */
export const dns: Cases = {
  'not captured': {
    pod: {},
    ways: { 'app -> peer:53/udp': 'direct', 'proxy -> peer:53/udp': 'direct' },
  },
  captured: {
    pod: { dns: true },
    ways: {
      ...captured,
      'root -> peer:53/udp': 'dns',
      'app -> localhost:53/udp': 'dns',
      'proxy -> peer:53/udp': 'direct',
      'proxy -> peer:53/tcp': 'direct',
      "proxy's user -> peer:53/udp": 'direct',
      "proxy's group -> peer:53/udp": 'direct',
      'app -> peer:5353/udp': 'direct',
      'app -> localhost:5353/udp': 'direct',
      'peer -> pod:5353/udp': 'direct',
      'app -> peer:8080': 'outbound',
      'app -> localhost:8080': 'direct',
      'peer -> pod:8080': 'inbound',
      'app -> service:8080': 'outbound, inbound',
    },
  },
  // Without zones the second query is taken for one more packet of the first one's connection.
  'the sidecar asks on from the same port': {
    pod: { dns: true },
    ways: {
      'app@40053 -> peer:53/udp': 'dns',
      'proxy@40053 -> peer:53/udp': 'direct',
      'root@40053 -> peer:53/udp': 'dns',
      "proxy's group@40053 -> peer:53/udp": 'direct',
    },
  },
  'the sidecar has asked from the same port': {
    pod: { dns: true },
    ways: {
      "proxy's user@40054 -> peer:53/udp": 'direct',
      'app@40054 -> peer:53/udp': 'dns',
      'proxy@40054 -> peer:53/udp': 'direct',
    },
  },
  'captured, but not from excluded groups and ports': {
    pod: {
      dns: true,
      env: { ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE: '2001' },
      ...traffic({ excludeOutboundPorts: '8080' }),
    },
    ways: {
      'group 2001 -> peer:53/udp': 'direct',
      'group 2001 -> peer:53/tcp': 'direct',
      'app -> peer:53/udp': 'dns',
      'app -> peer:8080': 'direct',
    },
  },
  'captured, but the port is excluded': {
    pod: { dns: true, ...traffic({ excludeOutboundPorts: '53' }) },
    ways: { 'app -> peer:53/udp': 'direct', 'app -> peer:53/tcp': 'direct' },
  },
};
