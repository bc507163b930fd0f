import { CniError, ErrorCode } from './error.ts';
import { quote } from './json.ts';

/** Which pod the attachment belongs to; `uid` is undefined with runtimes too old to send it. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
}

/**
 * Reads the pod from `CNI_ARGS`, e.g. `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0`, in any
 * order. The first `=` separates, unknown keys are ignored, an empty value counts as missing.
 *
 * Half a pod, or a pair that is none, is refused: taken for a container outside Kubernetes, a meshed pod would start
 * without its redirection.
 *
 * @returns undefined for a container outside Kubernetes
 * @throws {CniError} `invalidEnvironment`
 */
export function parsePodRef(args: string): PodRef | undefined {
  const values = new Map(
    args
      .split(';')
      .filter((pair) => pair !== '')
      .map(parsePair),
  );
  const namespace = values.get('K8S_POD_NAMESPACE');
  const name = values.get('K8S_POD_NAME');
  if (namespace === undefined && name === undefined) return undefined;
  if (namespace === undefined || name === undefined) {
    const missing = name === undefined ? 'K8S_POD_NAME' : 'K8S_POD_NAMESPACE';
    throw argsError(`cannot tell the pod from CNI_ARGS: ${missing} is not set`);
  }
  return { namespace, name, uid: values.get('K8S_POD_UID') };
}

function parsePair(pair: string): [string, string | undefined] {
  const at = pair.indexOf('=');
  if (at < 1) throw argsError(`cannot read ${quote(pair)} in CNI_ARGS: wanted KEY=VALUE`);
  const value = pair.slice(at + 1);
  return [pair.slice(0, at), value === '' ? undefined : value];
}

function argsError(message: string): CniError {
  return new CniError(ErrorCode.invalidEnvironment, message);
}
