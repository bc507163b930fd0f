import { SourceError } from './source.ts';

/** @throws {SourceError} without the text: it may hold what is nobody's business */
export function parseObject(text: string, speaker: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    if (isObject(value)) return value;
  } catch {
    // V8's message quotes the text.
  }
  throw new SourceError(`${speaker} answered with something that is no JSON object`, {
    retry: false,
  });
}

/**
 * What an answer other than 200 says of itself: the agent `{"error": {"message": …}}`, the API server a `Status` with
 * `message`; undefined if neither.
 */
export function refusal(body: string): Error | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    const status = isObject(value) && isObject(value.error) ? value.error : value;
    if (!isObject(status) || typeof status.message !== 'string') return undefined;
    return new Error(status.message.slice(0, 300));
  } catch {
    return undefined; // Its status code says enough.
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
