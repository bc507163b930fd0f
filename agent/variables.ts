import {
  ADDRESS,
  HOST,
  NAME,
  NAMES,
  NODE,
  oneOf,
  PATH,
  PORT,
  SECONDS,
  type Values,
} from './values.ts';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const INSTALL_MODES = ['chained', 'own', 'drop-in', 'none'] as const;
export const REPAIR_MODES = ['repair', 'delete', 'label', 'observe'] as const;
export const BACKENDS = ['auto', 'iptables-nft', 'iptables-legacy'] as const;

export interface Variable {
  readonly values: Values;
  /** Undefined: it must be set. Empty: it may be left out, and means nothing then. */
  readonly fallback: string | undefined;
  readonly meaning: string;
}

/** All that the agent reads of its environment. An empty variable counts as missing. */
export const VARIABLES = {
  NODE_NAME: {
    values: NODE,
    fallback: undefined,
    meaning: 'the node whose pods to know, from spec.nodeName',
  },
  POD_NAME: {
    values: NAME,
    fallback: '',
    meaning: 'the own pod, from metadata.name: its DaemonSet tells whether a stop is for good',
  },
  POD_NAMESPACE: {
    values: NAME,
    fallback: '',
    meaning: 'the namespace of the own pod, from metadata.namespace',
  },
  SLUICE_AGENT_SOCKET: {
    values: PATH,
    fallback: '/run/sluice/agent.sock',
    meaning: 'the socket that the plugin asks',
  },
  SLUICE_STATE_DIR: {
    values: PATH,
    fallback: '/var/lib/sluice',
    meaning: 'where facts and the choice of the backend outlive a reboot',
  },
  SLUICE_ADDRESS: {
    values: ADDRESS,
    fallback: '127.0.0.1:15097',
    meaning: 'where /healthz, /readyz and /metrics are',
  },
  SLUICE_LOG_LEVEL: {
    values: oneOf(LEVELS),
    fallback: 'info',
    meaning: 'the least level that is logged',
  },
  SLUICE_BACKEND: {
    values: oneOf(BACKENDS),
    fallback: 'auto',
    meaning: 'the only backend to try, or all',
  },
  SLUICE_EXCLUDE_NAMESPACES: {
    values: NAMES,
    fallback: 'kube-system',
    meaning: 'whose pods are never redirected, nor repaired',
  },
  SLUICE_TOOLS_DIR: {
    values: PATH,
    fallback: '',
    meaning: 'where iptables, ip, nsenter and unshare are; empty: where distributions keep them',
  },
  SLUICE_INSTALL: {
    values: oneOf(INSTALL_MODES),
    fallback: 'chained',
    meaning:
      "where our entry goes: the primary network's list, a list of our own, its drop-in folder (containerd 2.1), nowhere",
  },
  SLUICE_CNI_NET_DIR: {
    values: PATH,
    fallback: '/etc/cni/net.d',
    meaning: 'the CNI configuration directory of the node',
  },
  SLUICE_CNI_BIN_DIR: {
    values: PATH,
    fallback: '/opt/cni/bin',
    meaning: 'the CNI bin dir of the node',
  },
  SLUICE_API_FALLBACK: {
    values: oneOf(['true', 'false']),
    fallback: 'false',
    meaning: 'whether the plugin may ask the API server when the agent is away',
  },
  SLUICE_CENSUS_SECONDS: {
    values: SECONDS,
    fallback: '60',
    meaning: 'how often each pod of the node is looked at, beside when it changes',
  },
  SLUICE_PROC_DIR: {
    values: PATH,
    fallback: '/proc',
    meaning: "the host's /proc, to find the netns of pods that were started without us",
  },
  SLUICE_CNI_RESULTS_DIR: {
    values: PATH,
    fallback: '/var/lib/cni/results',
    meaning: 'where the runtime keeps results of ADDs, for the same',
  },
  SLUICE_REPAIR: {
    values: oneOf(REPAIR_MODES),
    fallback: 'repair',
    meaning:
      'what is done about pods that are not redirected as they should be, where they do not say so themselves',
  },
  SLUICE_REPAIR_CUT_CONNECTIONS: {
    values: oneOf(['true', 'false']),
    fallback: 'false',
    meaning: 'whether connections that were opened before a repair are reset',
  },
  SLUICE_KUBECONFIG: {
    values: PATH,
    fallback: '',
    meaning: 'the API server and a credential; empty: those of the pod',
  },
  SLUICE_SERVICE_ACCOUNT_DIR: {
    values: PATH,
    fallback: '/var/run/secrets/kubernetes.io/serviceaccount',
    meaning: 'where token and ca.crt of the pod are',
  },
  KUBERNETES_SERVICE_HOST: {
    values: HOST,
    fallback: 'kubernetes.default.svc',
    meaning: 'the API server; kubelet sets it',
  },
  KUBERNETES_SERVICE_PORT: {
    values: PORT,
    fallback: '443',
    meaning: 'the port of the API server; kubelet sets it',
  },
} satisfies Record<string, Variable>;
