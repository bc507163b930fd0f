import { type Cases, traffic } from './case.ts';

/** Whose traffic comes in; the same in both modes. */
export const inbound: Cases = {
  'by default': {
    pod: {},
    ways: {
      'peer -> pod:8080': 'inbound',
      'peer -> pod on net1:8080': 'inbound',
      'peer -> pod:15008': 'direct',
      'peer -> pod:15020': 'direct',
      'peer -> pod:15021': 'direct',
      'peer -> pod:15090': 'direct',
      'peer -> pod:5353/udp': 'direct',
    },
  },
  'excludeInboundPorts: a port and a range': {
    pod: traffic({ excludeInboundPorts: '8080,9000-9010' }),
    ways: {
      'peer -> pod:8080': 'direct',
      'peer -> pod:8081': 'inbound',
      'peer -> pod:9000': 'direct',
      'peer -> pod:9005': 'direct',
      'peer -> pod:9010': 'direct',
      'peer -> pod:9011': 'inbound',
      'peer -> pod:15021': 'direct',
    },
  },
  'a status port': {
    pod: { annotations: { 'status.sidecar.istio.io/port': '8081' } },
    ways: { 'peer -> pod:8081': 'direct', 'peer -> pod:8080': 'inbound' },
  },
  'includeInboundPorts: a list, which wins over excludes': {
    pod: traffic({ includeInboundPorts: '8080,9000-9010', excludeInboundPorts: '8080' }),
    ways: {
      'peer -> pod:8080': 'inbound',
      'peer -> pod:9010': 'inbound',
      'peer -> pod:8081': 'direct',
      'peer -> pod:9011': 'direct',
      'peer -> pod:15008': 'direct',
    },
  },
  'includeInboundPorts: none': {
    pod: traffic({ includeInboundPorts: '' }),
    ways: { 'peer -> pod:8080': 'direct', 'app -> peer:8080': 'outbound' },
  },
  'excludeInboundPorts: *': {
    pod: traffic({ excludeInboundPorts: '*' }),
    ways: { 'peer -> pod:8080': 'direct', 'app -> peer:8080': 'outbound' },
  },
  'excludeInterfaces: net1': {
    pod: traffic({ excludeInterfaces: 'net1' }),
    ways: {
      'peer -> pod on net1:8080': 'direct',
      'app -> peer on net1:8080': 'direct',
      'peer -> pod:8080': 'inbound',
      'app -> peer:8080': 'outbound',
    },
  },
};
