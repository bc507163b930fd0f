import type { Readable } from 'node:stream';

/** How long one question may take, and what ends it early. */
export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The largest answer anyone may give; a pod with all its annotations has less than 2 MiB. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Calls `giveUp` when the time is up or the signal aborts.
 *
 * @returns what calls it off
 */
export function enforce({ timeoutMs, signal }: Limits, giveUp: (error: Error) => void): () => void {
  const interrupt = (): void => {
    giveUp(new Error('interrupted'));
  };
  // On a busy node the time may be over before the question is asked.
  const ms = Math.max(Math.round(timeoutMs), 0);
  const timer = setTimeout(() => {
    giveUp(new Error(`no complete answer after ${ms} ms`));
  }, ms);
  signal?.addEventListener('abort', interrupt);
  if (signal?.aborted) interrupt();
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  };
}

/**
 * Keeps what a stream brings, and calls `giveUp` with a `RangeError` at 4 MiB.
 *
 * @returns what gives all that has come so far
 */
export function collect(stream: Readable, giveUp: (error: Error) => void): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) giveUp(new RangeError('an answer of more than 4 MiB'));
  });
  return () => Buffer.concat(chunks);
}
