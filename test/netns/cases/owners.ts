import { type Cases } from './case.ts';

/** Whose traffic is captured. */
export const owners: Cases = {
  'only some groups': {
    pod: { env: { ISTIO_OUTBOUND_OWNER_GROUPS: '2001,2003' } },
    ways: {
      'group 2001 -> peer:8080': 'outbound',
      'group 2002 -> peer:8080': 'direct',
      'app -> peer:8080': 'direct',
      'proxy -> peer:8080': 'direct',
    },
  },
  'all but some groups': {
    pod: { env: { ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE: '2001,2002' } },
    ways: {
      'group 2001 -> peer:8080': 'direct',
      'group 2002 -> peer:8080': 'direct',
      'app -> peer:8080': 'outbound',
    },
  },
  'the loopback address alone is no way in': {
    pod: {},
    ways: { 'proxy -> another localhost:8080': 'inbound', 'proxy -> localhost:8080': 'direct' },
    families: ['ipv4'],
  },
  'the loopback range is none': {
    pod: { env: { ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR: '127.0.0.0/8' } },
    ways: {
      'proxy -> another localhost:8080': 'direct',
      'proxy -> localhost:8080': 'direct',
      'proxy -> pod:8080': 'inbound',
    },
    families: ['ipv4'],
  },
};
