import { causes } from '../cni/spec/error.ts';

/** A program that cannot start may well print all of itself. */
const MAX_LENGTH = 500;

/** An error with all that caused it, on one line, cut where it goes on for too long. */
export function sentence(error: unknown): string {
  const parts = error instanceof Error ? [error.message, ...causes(error)] : [String(error)];
  const text = parts.join(': ').replaceAll(/\s*\n\s*/g, '; ');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
