import { CniError, ErrorCode } from './error.ts';
import { quote } from './json.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What the runtime says in `CNI_*`, checked; `CNI_PATH` is for plugins that start others. */
export type Environment =
  | { readonly command: 'VERSION' | 'STATUS' | 'GC' }
  | { readonly command: 'DEL'; readonly containerId: string; readonly ifName: string }
  | {
      readonly command: 'ADD' | 'CHECK';
      readonly containerId: string;
      readonly ifName: string;
      readonly netns: string;
      readonly args: string;
    };

/**
 * Reads the `CNI_*` variables; an empty one counts as missing.
 *
 * @throws {CniError} `invalidEnvironment`, naming every variable that is missing
 * @see https://github.com/containernetworking/cni/blob/spec-v1.1.0/SPEC.md#parameters
 */
export function parseEnvironment(env: Variables): Environment {
  const command = env.CNI_COMMAND ?? '';
  switch (command) {
    case 'VERSION':
    case 'STATUS':
    case 'GC':
      return { command };
    case 'DEL':
      requireVariables(env, command, ['CNI_CONTAINERID', 'CNI_IFNAME']);
      return { command, ...attachment(env) };
    case 'ADD':
    case 'CHECK':
      requireVariables(env, command, ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME']);
      return {
        command,
        ...attachment(env),
        netns: env.CNI_NETNS ?? '',
        args: env.CNI_ARGS ?? '',
      };
    case '':
      throw environmentError('cannot serve the runtime: CNI_COMMAND is not set');
    default:
      throw environmentError(
        `cannot serve CNI_COMMAND ${quote(command)}: wanted ADD, CHECK, DEL, GC, STATUS or VERSION`,
      );
  }
}

function requireVariables(env: Variables, command: string, names: readonly string[]): void {
  const missing = names.filter((name) => (env[name] ?? '') === '');
  if (missing.length === 0) return;
  const verb = missing.length === 1 ? 'is' : 'are';
  throw environmentError(`cannot serve ${command}: ${missing.join(', ')} ${verb} not set`);
}

function attachment(env: Variables): { containerId: string; ifName: string } {
  const { CNI_CONTAINERID: containerId = '', CNI_IFNAME: ifName = '' } = env;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(containerId)) {
    throw environmentError(
      `cannot use CNI_CONTAINERID ${quote(containerId)}: wanted letters, digits, ".", "_" and "-", the first a letter or digit`,
    );
  }
  if (!isInterfaceName(ifName)) {
    throw environmentError(
      `cannot use CNI_IFNAME ${quote(ifName)}: wanted 1 to 15 bytes, not "." or "..", without "/", ":" and white space`,
    );
  }
  return { containerId, ifName };
}

/** As the kernel's `dev_valid_name` has it. */
function isInterfaceName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || /[/:\s\u0085]/.test(name)) return false;
  return new TextEncoder().encode(name).length <= 15;
}

function environmentError(message: string): CniError {
  return new CniError(ErrorCode.invalidEnvironment, message);
}
