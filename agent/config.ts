import { type ApiAccess } from './kubeconfig.ts';
import { ADDRESS, HOST, NODE, oneOf, parseAddress, PATH, PORT, type Values } from './values.ts';

export interface AgentConfig {
  readonly nodeName: string;
  readonly socketPath: string;
  readonly stateDir: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly logLevel: (typeof LEVELS)[number];
  readonly backend: (typeof BACKENDS)[number];
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  readonly api: ApiAccess;
  readonly install: {
    readonly mode: (typeof INSTALL_MODES)[number];
    readonly netDir: string;
    readonly binDir: string;
    /** Whether the plugin may ask the API server itself, with a copy of the agent's token. */
    readonly apiFallback: boolean;
  };
}

/** The environment is not what it must be; the message is one sentence that names all that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const INSTALL_MODES = ['chained', 'own', 'drop-in', 'none'] as const;
const BACKENDS = ['auto', 'iptables-nft', 'iptables-legacy'] as const;

interface Variable {
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
  SLUICE_TOOLS_DIR: {
    values: PATH,
    fallback: '',
    meaning: 'where iptables, ip, nsenter and unshare are; empty: where distributions keep them',
  },
  SLUICE_INSTALL: {
    values: oneOf(INSTALL_MODES),
    fallback: 'chained',
    meaning:
      "where our entry goes: the primary network's list, a list of our own, its drop-in folder, nowhere",
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

type Name = keyof typeof VARIABLES;

/** @throws {ConfigError} naming every variable that is wrong or missing */
export function readConfig(env: Readonly<Record<string, string | undefined>>): AgentConfig {
  const wrong = Object.entries<Variable>(VARIABLES).flatMap(([name, { values, fallback }]) => {
    const value = env[name] ?? '';
    if (value === '') return fallback === undefined ? [`${name} is not set`] : [];
    return values.accepts(value) ? [] : [`${name} is "${value}", wanted ${values.wanted}`];
  });
  if (wrong.length > 0) throw new ConfigError(`cannot use the environment: ${wrong.join('; ')}`);

  const text = (name: Name): string => {
    const value = env[name] ?? '';
    return value === '' ? (VARIABLES[name].fallback ?? '') : value;
  };
  return {
    nodeName: text('NODE_NAME'),
    socketPath: text('SLUICE_AGENT_SOCKET'),
    stateDir: text('SLUICE_STATE_DIR'),
    address: parseAddress(text('SLUICE_ADDRESS')),
    logLevel: word(LEVELS, text('SLUICE_LOG_LEVEL')),
    backend: word(BACKENDS, text('SLUICE_BACKEND')),
    toolsDir: text('SLUICE_TOOLS_DIR') || undefined,
    api: apiAccess(text),
    install: {
      mode: word(INSTALL_MODES, text('SLUICE_INSTALL')),
      netDir: text('SLUICE_CNI_NET_DIR'),
      binDir: text('SLUICE_CNI_BIN_DIR'),
      apiFallback: text('SLUICE_API_FALLBACK') === 'true',
    },
  };
}

function apiAccess(text: (name: Name) => string): ApiAccess {
  const kubeconfig = text('SLUICE_KUBECONFIG');
  if (kubeconfig !== '') return { kubeconfig };
  return {
    host: text('KUBERNETES_SERVICE_HOST'),
    port: text('KUBERNETES_SERVICE_PORT'),
    serviceAccountDir: text('SLUICE_SERVICE_ACCOUNT_DIR'),
  };
}

/** The value was looked at before; the first word is never taken. */
function word<T extends string>(words: readonly [T, ...T[]], value: string): T {
  return words.find((candidate) => candidate === value) ?? words[0];
}
