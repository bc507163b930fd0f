import { causes } from '../cni/spec/error.ts';

/** An error with all that caused it, on one line. */
export function sentence(error: unknown): string {
  return error instanceof Error ? [error.message, ...causes(error)].join(': ') : String(error);
}
