import { type ApiAccess } from './kubeconfig.ts';
import { parseAddress } from './values.ts';
import {
  BACKENDS,
  INSTALL_MODES,
  LEVELS,
  REPAIR_MODES,
  type Variable,
  VARIABLES,
} from './variables.ts';

export interface AgentConfig {
  readonly nodeName: string;
  /** The agent's own; undefined where it is not told. */
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  readonly socketPath: string;
  readonly stateDir: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly logLevel: (typeof LEVELS)[number];
  readonly backend: (typeof BACKENDS)[number];
  readonly excludeNamespaces: readonly string[];
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  readonly api: ApiAccess;
  readonly census: {
    readonly seconds: number;
    /** The host's. */
    readonly procDir: string;
    /** Where the runtime keeps the results of ADDs. */
    readonly resultsDir: string;
  };
  readonly repair: {
    readonly mode: (typeof REPAIR_MODES)[number];
    readonly cutConnections: boolean;
  };
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
    pod: ownPod(text),
    socketPath: text('SLUICE_AGENT_SOCKET'),
    stateDir: text('SLUICE_STATE_DIR'),
    address: parseAddress(text('SLUICE_ADDRESS')),
    logLevel: word(LEVELS, text('SLUICE_LOG_LEVEL')),
    backend: word(BACKENDS, text('SLUICE_BACKEND')),
    excludeNamespaces: text('SLUICE_EXCLUDE_NAMESPACES').split(','),
    toolsDir: text('SLUICE_TOOLS_DIR') || undefined,
    api: apiAccess(text),
    census: {
      seconds: Number(text('SLUICE_CENSUS_SECONDS')),
      procDir: text('SLUICE_PROC_DIR'),
      resultsDir: text('SLUICE_CNI_RESULTS_DIR'),
    },
    repair: {
      mode: word(REPAIR_MODES, text('SLUICE_REPAIR')),
      cutConnections: text('SLUICE_REPAIR_CUT_CONNECTIONS') === 'true',
    },
    install: {
      mode: word(INSTALL_MODES, text('SLUICE_INSTALL')),
      netDir: text('SLUICE_CNI_NET_DIR'),
      binDir: text('SLUICE_CNI_BIN_DIR'),
      apiFallback: text('SLUICE_API_FALLBACK') === 'true',
    },
  };
}

function ownPod(text: (name: Name) => string): AgentConfig['pod'] {
  const [namespace, name] = [text('POD_NAMESPACE'), text('POD_NAME')];
  return namespace === '' || name === '' ? undefined : { namespace, name };
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
