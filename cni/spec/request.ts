import { parsePodRef, type PodRef } from './args.ts';
import { type Attachment, parseAttachments } from './attachments.ts';
import { type NetConf, parseEntry, parseNetConf } from './config.ts';
import { parseEnvironment, type Variables } from './environment.ts';
import { CniError, ErrorCode } from './error.ts';
import { isAbsent, type JsonObject, quote } from './json.ts';
import { KEYS, readKey } from './settings.ts';
import { type CniVersion, isAtLeast, isCniVersion, LATEST_VERSION } from './version.ts';

export { type PodRef } from './args.ts';

/** What the runtime gives a plugin: environment variables and stdin. */
export interface Invocation {
  readonly env: Variables;
  readonly stdin: string;
}

/** What the runtime wants, checked. */
export type Request =
  | { readonly command: 'VERSION'; readonly cniVersion: CniVersion }
  | { readonly command: 'STATUS'; readonly config: NetConf }
  | {
      readonly command: 'GC';
      readonly config: NetConf;
      /** Undefined: nobody knows, so that nothing may be dropped. */
      readonly validAttachments: readonly Attachment[] | undefined;
    }
  | AttachRequest
  | (Attachment & {
      readonly command: 'DEL';
      readonly stateDir: string;
      readonly warnings: readonly string[];
    });

/** What ADD makes and CHECK looks at. */
export interface AttachRequest extends Attachment {
  readonly command: 'ADD' | 'CHECK';
  readonly netns: string;
  /** Undefined for a container outside Kubernetes. */
  readonly pod: PodRef | undefined;
  readonly config: NetConf;
}

/** The oldest version of the specification that has the command. */
const SINCE = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' } as const;

/**
 * Reads what the runtime wants. DEL fails for its environment only: whatever its stdin, its container must go.
 *
 * @throws {CniError} `invalidEnvironment`, `decode`, `invalidConfig` or `incompatibleVersion`
 * @see https://github.com/containernetworking/cni/blob/spec-v1.1.0/SPEC.md#section-2-execution-protocol
 */
export function parseRequest({ env, stdin }: Invocation): Request {
  const environment = parseEnvironment(env);
  const { command } = environment;
  switch (command) {
    case 'VERSION':
      return { command, cniVersion: cniVersionOf(stdin) };
    case 'STATUS':
      return { command, config: netConf(parseEntry(stdin), command) };
    case 'GC':
      return gcRequest(parseEntry(stdin));
    case 'DEL':
      return { ...environment, ...deleteConfig(stdin) };
    case 'ADD':
    case 'CHECK': {
      const { args, ...rest } = environment;
      return { ...rest, pod: parsePodRef(args), config: netConf(parseEntry(stdin), command) };
    }
  }
}

/** The version to answer in when stdin need not be right: its own if we speak it, else the latest. */
export function cniVersionOf(stdin: string): CniVersion {
  try {
    const { cniVersion } = parseEntry(stdin);
    return isCniVersion(cniVersion) ? cniVersion : LATEST_VERSION;
  } catch {
    // An answer in any version is better than none.
    return LATEST_VERSION;
  }
}

function netConf(entry: JsonObject, command: 'ADD' | 'CHECK' | 'GC' | 'STATUS'): NetConf {
  const config = parseNetConf(entry);
  if (command === 'ADD') return config;
  if (!isAtLeast(config.cniVersion, SINCE[command])) {
    throw new CniError(
      ErrorCode.incompatibleVersion,
      `cannot serve ${command} in cniVersion "${config.cniVersion}": wanted "${SINCE[command]}" or later`,
    );
  }
  if (command === 'CHECK' && config.prevResult === undefined) {
    const message = 'cannot use the network configuration: prevResult is missing, CHECK needs it';
    throw new CniError(ErrorCode.invalidConfig, message);
  }
  return config;
}

function gcRequest(entry: JsonObject): Request {
  const config = netConf(entry, 'GC');
  const validAttachments = parseAttachments(entry);
  if (validAttachments !== undefined) return { command: 'GC', config, validAttachments };
  const warning =
    'dropped nothing: "cni.dev/valid-attachments" is missing or not a list of attachments';
  const warnings = [...config.warnings, warning];
  return { command: 'GC', config: { ...config, warnings }, validAttachments };
}

function deleteConfig(stdin: string): { stateDir: string; warnings: readonly string[] } {
  const { fallback } = KEYS.stateDir;
  try {
    const { stateDir } = parseEntry(stdin);
    if (isAbsent(stateDir) || KEYS.stateDir.accepts(stateDir)) {
      return { stateDir: readKey(stateDir, KEYS.stateDir), warnings: [] };
    }
    return { stateDir: fallback, warnings: [`used "${fallback}": stateDir is ${quote(stateDir)}`] };
  } catch (error) {
    const { message } = CniError.from(error);
    return { stateDir: fallback, warnings: [`used stateDir "${fallback}": ${message}`] };
  }
}
