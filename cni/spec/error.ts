/**
 * The codes of the error result: 1 to 99 are the specification's, from 100 on ours. They never change meaning.
 *
 * @see https://github.com/containernetworking/cni/blob/spec-v1.1.0/SPEC.md#error
 */
export const ErrorCode = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  io: 5,
  decode: 6,
  invalidConfig: 7,
  invalidNetns: 8,
  tryAgainLater: 11,
  unavailable: 50,
  invalidAnnotation: 100,
  notApplied: 101,
  notUndone: 102,
  noBackend: 103,
  rulesDiffer: 104,
  factsContradict: 105,
  internal: 999,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** A failure the container runtime is told about. The message is one sentence that ends up in `kubectl describe pod`. */
export class CniError extends Error {
  override readonly name = 'CniError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whatever is not a `CniError` by the time it reaches the top is a bug in the plugin. */
  static from(error: unknown): CniError {
    if (error instanceof CniError) return error;
    return new CniError(ErrorCode.internal, 'unexpected error', { cause: error });
  }
}

/** The error result as the runtime reads it from stdout; `details` is the chain of causes. */
export function renderErrorResult(error: CniError, cniVersion: string): string {
  const { code, message: msg } = error;
  return JSON.stringify({ cniVersion, code, msg, details: detailsOf(error) });
}

/** The causes as one text: each leads to what stands before it, but for those between semicolons, which are beside each other. */
export function detailsOf({ cause }: Error): string {
  return cause === undefined ? '' : chain(cause);
}

function chain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error.message, detailsOf(error), parts.map(chain).join('; ')].filter(Boolean).join(': ');
}

/** The messages of an error's causes, outermost first; of an `AggregateError`, also those of its parts. */
export function causes(error: Error): string[] {
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const below = error.cause === undefined ? parts : [error.cause, ...parts];
  return below.flatMap((cause) =>
    cause instanceof Error ? [cause.message, ...causes(cause)] : [String(cause)],
  );
}
