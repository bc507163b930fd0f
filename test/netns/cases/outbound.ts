import { type Cases, traffic } from './case.ts';

/** Which ports and addresses are captured on the way out. */
export const outbound: Cases = {
  'excludeOutboundPorts: a port and a range': {
    pod: traffic({ excludeOutboundPorts: '8080,9000-9010' }),
    ways: {
      'app -> peer:8080': 'direct',
      'app -> peer:8081': 'outbound',
      'app -> peer:9000': 'direct',
      'app -> peer:9005': 'direct',
      'app -> peer:9010': 'direct',
      'app -> peer:9011': 'outbound',
      'app -> peer:15020': 'outbound',
    },
  },
  'excludeOutboundPorts: *': {
    pod: traffic({ excludeOutboundPorts: '*' }),
    ways: { 'app -> peer:8080': 'direct', 'peer -> pod:8080': 'inbound' },
  },
  'includeOutboundPorts: a port and a range, and no addresses': {
    pod: traffic({ includeOutboundPorts: '8080,9000-9010', includeOutboundIPRanges: '' }),
    ways: {
      'app -> peer:8080': 'outbound',
      'app -> peer:9000': 'outbound',
      'app -> peer:9010': 'outbound',
      'app -> peer:8081': 'direct',
      'app -> peer:9011': 'direct',
      'proxy -> peer:8080': 'direct',
    },
  },
  'includeOutboundPorts: *, and no addresses': {
    pod: traffic({ includeOutboundPorts: '*', includeOutboundIPRanges: '' }),
    ways: { 'app -> peer:8080': 'outbound', 'app -> peer:15020': 'direct' },
  },
  'includeOutboundIPRanges: none': {
    pod: traffic({ includeOutboundIPRanges: '' }),
    ways: { 'app -> peer:8080': 'direct', 'peer -> pod:8080': 'inbound' },
  },
  'includeOutboundIPRanges: some of each family': {
    pod: traffic({
      includeOutboundIPRanges: '10.1.0.0/16, 10.96.0.10, 2001:db8:1::/48, 2001:db8:96::10',
    }),
    ways: {
      'app -> east:8080': 'outbound',
      'app -> service:8080': 'outbound, inbound',
      'app -> west:8080': 'direct',
      'app -> peer:8080': 'direct',
    },
  },
  'includeOutboundIPRanges: some, and a port everywhere': {
    pod: traffic({
      includeOutboundIPRanges: '10.1.0.0/16,2001:db8:1::/48',
      includeOutboundPorts: '8081',
    }),
    ways: {
      'app -> east:8080': 'outbound',
      'app -> west:8081': 'outbound',
      'app -> west:8080': 'direct',
    },
  },
  'excludeOutboundIPRanges: some of each family': {
    pod: traffic({
      excludeOutboundIPRanges: '10.1.0.5,172.16.0.0/12,2001:db8:1::5,2001:db8:2::/48',
    }),
    ways: {
      'app -> east:8080': 'direct',
      'app -> west:8080': 'direct',
      'app -> peer:8080': 'outbound',
    },
  },
  'excludeOutboundIPRanges: within included ones': {
    pod: traffic({
      includeOutboundIPRanges: '10.0.0.0/8,2001:db8::/32',
      excludeOutboundIPRanges: '10.1.0.0/16,2001:db8:1::/48',
    }),
    ways: { 'app -> peer:8080': 'outbound', 'app -> east:8080': 'direct' },
  },
  'includeOutboundIPRanges: loopback': {
    pod: traffic({ includeOutboundIPRanges: '127.1.2.3' }),
    ways: {
      'app -> another localhost:8080': 'outbound, inbound',
      'app -> localhost:8080': 'direct',
    },
    families: ['ipv4'],
  },
};
