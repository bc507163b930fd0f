import { CniError, ErrorCode } from './error.ts';
import { isAbsent, isJsonObject, type JsonObject, parseJson, quote, spellKeys } from './json.ts';
import { unknownKeyWarnings, STANDARD_KEYS } from './keys.ts';
import { KEYS, type LogLevel, readKey, readSettings, type Settings } from './settings.ts';
import { type CniVersion, IMPLIED_VERSION, parseVersion } from './version.ts';

export { type Settings } from './settings.ts';

/** Our entry in the network configuration, with what the runtime added to it. */
export interface NetConf {
  readonly cniVersion: CniVersion;
  readonly name: string;
  readonly type: string;
  readonly prevResult: JsonObject | undefined;
  /** As the runtime passed them. Undefined also for an empty map: a real pod always has some. */
  readonly podAnnotations: Readonly<Record<string, string>> | undefined;
  readonly excludeNamespaces: readonly string[];
  readonly agentNamespace: string;
  readonly logLevel: LogLevel;
  /** Where an ADD is told of and recorded, also one that fails because keys are wrong: the default for a wrong one. */
  readonly agentSocket: string;
  readonly stateDir: string;
  readonly warnings: readonly string[];
  /**
   * What only a meshed pod needs: a wrong value there is no reason to fail any other pod.
   *
   * @throws {CniError} `invalidConfig`, naming every wrong key of ours, or `noBackend`
   */
  readonly settings: () => Settings;
}

const POD_ANNOTATIONS = 'io.kubernetes.cri.pod-annotations';

/**
 * Decodes the network configuration; the keys of the protocol come in the specification's spelling.
 *
 * @throws {CniError} `decode`
 */
export function parseEntry(stdin: string): JsonObject {
  if (stdin.trim() === '') throw decodeError('stdin is empty, wanted a JSON object');
  const value = decode(stdin);
  if (isJsonObject(value)) return spellKeys(value, STANDARD_KEYS);
  throw decodeError(`stdin holds ${quote(value)}, wanted a JSON object`);
}

/** @throws {CniError} `decode`, `incompatibleVersion` or `invalidConfig` */
export function parseNetConf(entry: JsonObject): NetConf {
  const { type, prevResult, runtimeConfig } = entry;
  const name = parseName(entry.name);
  const cniVersion = parseVersion(entry.cniVersion, IMPLIED_VERSION);
  if (!isAbsent(prevResult) && !isJsonObject(prevResult)) {
    throw configError(`prevResult is ${quote(prevResult)}, wanted an object`);
  }
  return {
    cniVersion,
    name,
    type: typeof type === 'string' ? type : '',
    prevResult: prevResult ?? undefined,
    podAnnotations: podAnnotations(runtimeConfig),
    excludeNamespaces: readKey(entry.excludeNamespaces, KEYS.excludeNamespaces),
    agentNamespace: readKey(entry.agentNamespace, KEYS.agentNamespace),
    logLevel: readKey(entry.logLevel, KEYS.logLevel),
    agentSocket: readKey(entry.agentSocket, KEYS.agentSocket),
    stateDir: readKey(entry.stateDir, KEYS.stateDir),
    warnings: unknownKeyWarnings(Object.keys(entry)),
    settings: () => readSettings(entry),
  };
}

function decode(stdin: string): unknown {
  try {
    return parseJson(stdin);
  } catch (cause) {
    throw decodeError('stdin is not one JSON object', cause);
  }
}

function parseName(name: unknown): string {
  if (isAbsent(name) || name === '') throw configError('name is missing');
  if (typeof name === 'string' && /^[a-zA-Z0-9][\w.-]*$/.test(name)) return name;
  throw configError(
    `name is ${quote(name)}, wanted letters, digits, ".", "_" and "-", the first a letter or digit`,
  );
}

function podAnnotations(runtimeConfig: unknown): Readonly<Record<string, string>> | undefined {
  const annotations = isJsonObject(runtimeConfig) ? runtimeConfig[POD_ANNOTATIONS] : undefined;
  if (!isStringMap(annotations) || Object.keys(annotations).length === 0) return undefined;
  return annotations;
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

function decodeError(problem: string, cause?: unknown): CniError {
  const message = `cannot decode the network configuration: ${problem}`;
  return new CniError(ErrorCode.decode, message, { cause });
}

function configError(problem: string): CniError {
  const message = `cannot use the network configuration: ${problem}`;
  return new CniError(ErrorCode.invalidConfig, message);
}
