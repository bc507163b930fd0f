import { type Cases } from './case.ts';

const proxy = { runAsUser: 1500, runAsGroup: 1501 };
const validationArgs = ['-p', '16001', '-z', '16006', '-e', '16008'];

/** A sidecar of another user and group, with other ports. */
export const custom: Cases = {
  'other IDs and ports': {
    pod: { proxy, validationArgs },
    ways: {
      'app -> peer:8080': 'outbound',
      'peer -> pod:8080': 'inbound',
      'app -> service:8080': 'outbound, inbound',
      'peer -> pod:16008': 'direct',
      'peer -> pod:15008': 'inbound',
      'other proxy -> peer:8080': 'direct',
      'proxy -> peer:8080': 'outbound',
    },
  },
  'other IDs and ports, said for the whole pod and in words': {
    pod: {
      ...proxy,
      validationArgs: ['--envoy-port=16001', '--inbound-capture-port', '16006'],
    },
    ways: {
      'app -> peer:8080': 'outbound',
      'peer -> pod:8080': 'inbound',
      'peer -> pod:15008': 'direct',
      'peer -> pod:16008': 'inbound',
      'other proxy -> peer:8080': 'direct',
      'proxy -> peer:8080': 'outbound',
    },
  },
};

/** With TPROXY the proxy is root: its group alone tells that it is the proxy. */
export const customGroup: Cases = {
  'another group and other ports': {
    pod: { proxy: { runAsUser: 0, runAsGroup: 1501 }, validationArgs },
    ways: {
      'app -> peer:8080': 'outbound',
      'peer -> pod:8080': 'inbound',
      'app -> service:8080': 'outbound, inbound',
      'peer -> pod:16008': 'direct',
      'peer -> pod:15008': 'inbound',
      'other proxy -> peer:8080': 'direct',
      "proxy's group -> peer:8080": 'outbound',
    },
  },
};
