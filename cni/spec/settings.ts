import { CniError, ErrorCode } from './error.ts';
import { isAbsent, isJsonObject, type JsonObject, numberOf, quote } from './json.ts';
import { type OwnKey } from './keys.ts';

export type Backend = 'auto' | 'iptables-nft' | 'iptables-legacy';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What only a meshed pod needs of the network configuration. */
export interface Settings {
  readonly agentSocket: string;
  readonly stateDir: string;
  readonly backend: Backend;
  /** For everything an ADD waits for, together. */
  readonly deadlineMs: number;
  readonly apiFallback: { readonly kubeconfig: string } | undefined;
  /** Undefined: beside the executable. */
  readonly toolsDir: string | undefined;
}

/** A key's value when absent, and which values it takes. */
interface Key<T> {
  readonly fallback: T;
  readonly wanted: string;
  readonly accepts: (value: unknown) => value is T;
}

/** kubelet gives a sandbox four minutes for everything, so that a longer deadline could not be kept. */
const MAX_DEADLINE_MS = 240_000;

export const KEYS = {
  logLevel: oneOf<LogLevel>(['info', 'debug', 'warn', 'error']),
  excludeNamespaces: key<readonly string[]>(['kube-system'], 'a list of namespaces', isNamespaces),
  agentSocket: key('/run/sluice/agent.sock', 'an absolute path', isPath),
  stateDir: key('/var/lib/sluice', 'an absolute path', isPath),
  backend: oneOf<Backend | 'nft'>(['auto', 'iptables-nft', 'iptables-legacy', 'nft']),
  deadlineMs: key(10_000, `an integer from 1 to ${MAX_DEADLINE_MS}`, isDeadline),
  apiFallback: key<Settings['apiFallback']>(
    undefined,
    '{"kubeconfig": an absolute path}',
    isApiFallback,
  ),
  agentNamespace: key('sluice-system', 'a namespace', isNamespace),
  toolsDir: key<string | undefined>(undefined, 'an absolute path', isPath),
} satisfies Record<OwnKey, unknown>;

/** The value of a key, or its default if it is absent or wrong. */
export function readKey<T>(value: unknown, { accepts, fallback }: Key<T>): T {
  const plain = numberOf(value) ?? value;
  return accepts(plain) ? plain : fallback;
}

/**
 * Reads our keys from the entry.
 *
 * @throws {CniError} `invalidConfig`, naming every wrong key, or `noBackend` for the reserved backend `nft`
 */
export function readSettings(entry: JsonObject): Settings {
  const wrong = Object.entries(KEYS).flatMap(([name, { accepts, wanted }]) => {
    const value = entry[name];
    if (isAbsent(value) || accepts(numberOf(value) ?? value)) return [];
    return [`${name} is ${quote(value)}, wanted ${wanted}`];
  });
  if (wrong.length > 0) {
    const message = `cannot use the network configuration: ${wrong.join('; ')}`;
    throw new CniError(ErrorCode.invalidConfig, message);
  }
  return {
    agentSocket: readKey(entry.agentSocket, KEYS.agentSocket),
    stateDir: readKey(entry.stateDir, KEYS.stateDir),
    backend: builtBackend(readKey(entry.backend, KEYS.backend)),
    deadlineMs: readKey(entry.deadlineMs, KEYS.deadlineMs),
    apiFallback: readKey(entry.apiFallback, KEYS.apiFallback),
    toolsDir: readKey(entry.toolsDir, KEYS.toolsDir),
  };
}

function builtBackend(backend: Backend | 'nft'): Backend {
  if (backend !== 'nft') return backend;
  throw new CniError(
    ErrorCode.noBackend,
    'cannot use backend "nft": wanted "auto", "iptables-nft" or "iptables-legacy"',
  );
}

function key<T>(fallback: T, wanted: string, accepts: Key<T>['accepts']): Key<T> {
  return { fallback, wanted, accepts };
}

/** The first word is the default. */
function oneOf<T extends string>(words: readonly [T, ...T[]]): Key<T> {
  const wanted = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  return key(words[0], wanted, (value): value is T => words.some((word) => word === value));
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/') && !value.includes('\0');
}

function isNamespace(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value);
}

function isNamespaces(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isNamespace);
}

function isDeadline(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DEADLINE_MS;
}

function isApiFallback(value: unknown): value is { readonly kubeconfig: string } {
  return isJsonObject(value) && isPath(value.kubeconfig);
}
