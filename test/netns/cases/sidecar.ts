import { type Cases } from './case.ts';

/** The sidecar in the middle, and what goes past it; the same in both modes. */
export const sidecar: Cases = {
  'by default': {
    pod: {},
    ways: {
      'app -> peer:8080': 'outbound',
      'root -> peer:8080': 'outbound',
      'group 2001 -> peer:8080': 'outbound',
      'app -> east:8080': 'outbound',
      'app -> peer on net1:8080': 'outbound',
      'app -> peer:15020': 'direct',
      'proxy -> peer:8080': 'direct',
      "proxy's user -> peer:8080": 'direct',
      "proxy's group -> peer:8080": 'direct',
      'app -> peer:53/udp': 'direct',
      'app -> peer:5353/udp': 'direct',
    },
  },
  'on lo': {
    pod: {},
    ways: {
      'app -> localhost:8080': 'direct',
      'app -> another localhost:8080': 'direct',
      'app -> pod:8080': 'direct',
      'root -> localhost:8080': 'direct',
      'proxy -> localhost:8080': 'direct',
      'proxy@passthrough -> pod:8080': 'direct',
      'proxy@passthrough -> localhost:8080': 'direct',
      'app -> service:8080': 'outbound, inbound',
      'app -> localhost:5353/udp': 'direct',
    },
  },
  'INVALID_DROP, which ordinary traffic does not feel': {
    pod: { env: { INVALID_DROP: 'true' } },
    ways: {
      'app -> peer:8080': 'outbound',
      'peer -> pod:8080': 'inbound',
      'app -> service:8080': 'outbound, inbound',
      'app -> localhost:8080': 'direct',
      'app -> peer:53/udp': 'direct',
    },
  },
};

/** With TPROXY the sidecar is root, told by its group alone. */
export const onlyRedirect: Cases = {
  'the proxy to its own pod': {
    pod: {},
    ways: {
      'proxy -> pod:8080': 'inbound',
      "proxy's user -> pod:8080": 'inbound',
      'proxy -> pod:15008': 'direct',
    },
  },
};
