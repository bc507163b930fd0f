import type { PodRef } from '../spec/args.ts';
import { CniError, ErrorCode } from '../spec/error.ts';
import type { SourceError } from './source.ts';

/** The last word of one source, and how often it was asked. */
export interface Failure {
  readonly error: SourceError;
  readonly times: number;
}

/** Without them even a pod that is not meshed has to be asked about. */
const NO_ANNOTATIONS =
  '; it had to be asked because the runtime passed no annotations (the entry in the conflist needs "capabilities": {"io.kubernetes.cri.pod-annotations": true})';

/** Says in one sentence what is missing; what the sockets said follows as causes. */
export function cannotLearn(
  { namespace, name }: PodRef,
  failures: readonly Failure[],
  {
    deadlineMs,
    podAnnotations,
  }: { readonly deadlineMs: number; readonly podAnnotations: object | undefined },
): CniError {
  const within = failures.some(({ error }) => error.retry) ? ` within ${deadlineMs} ms` : '';
  const why = failures.map(({ error }) => error.message).join(', and ');
  const asked = podAnnotations === undefined ? NO_ANNOTATIONS : '';
  const message = `cannot learn about pod ${namespace}/${name}${within}: ${why}${asked}`;
  const reasons = failures.flatMap(({ error }) => error.cause ?? []);
  const cause =
    reasons.length > 1 ? new AggregateError(reasons, 'no source knows the pod') : reasons[0];
  return new CniError(ErrorCode.tryAgainLater, message, { cause });
}

export function interrupted({ namespace, name }: PodRef, cause: unknown): CniError {
  const message = `cannot learn about pod ${namespace}/${name}: interrupted`;
  return new CniError(ErrorCode.tryAgainLater, message, { cause });
}

/** `the agent does not answer at … (connect ENOENT …), 3 times`: what is remembered if another source knew. */
export function note({ error, times }: Failure): string {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}${times > 1 ? `, ${times} times` : ''}`;
}
