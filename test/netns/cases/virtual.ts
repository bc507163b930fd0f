import { type Cases, traffic } from './case.ts';

const reroute = { 'istio.io/reroute-virtual-interfaces': 'vif0' };

/** What comes in from a virtual machine in the pod counts as going out. */
export const virtual: Cases = {
  'a machine that nobody talks of': {
    pod: {},
    ways: { 'vm -> pod:8080': 'inbound' },
  },
  'a machine in the pod': {
    pod: { annotations: reroute },
    ways: {
      'vm -> peer:8080': 'outbound',
      'vm -> east:8080': 'outbound',
      'vm -> service:8080': 'outbound, inbound',
      'vm -> peer:5353/udp': 'direct',
      'peer -> pod:8080': 'inbound',
      'app -> peer:8080': 'outbound',
    },
  },
  'a machine in the pod, and some ranges': {
    pod: {
      annotations: {
        ...reroute,
        ...traffic({ includeOutboundIPRanges: '10.1.0.0/16,2001:db8:1::/48' }).annotations,
      },
    },
    ways: {
      'vm -> east:8080': 'outbound',
      'vm -> west:8080': 'direct',
      'app -> east:8080': 'outbound',
      'app -> west:8080': 'direct',
    },
  },
};
