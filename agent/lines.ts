import { type IncomingMessage } from 'node:http';

export interface WatchLimits {
  /** After so long without a byte the connection is taken for dead, whatever TCP believes. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** The largest list we read; 250 pods with all they may hold have less. */
const MAX_CHARACTERS = 512 * 1024 * 1024;
/** The largest event; a pod has less than 2 MiB. */
const MAX_LINE = 16 * 1024 * 1024;

/** What a response brings, line by line; without the last one if no line feed ends it. */
export async function* readLines(
  open: (signal: AbortSignal) => Promise<IncomingMessage>,
  { silenceMs, signal }: WatchLimits,
): AsyncGenerator<string> {
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
  }, silenceMs);
  try {
    const response = await open(AbortSignal.any([signal, silence.signal]));
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      timer.refresh();
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > MAX_LINE) throw new RangeError('an event of more than 16 MiB');
      yield* parts.filter((line) => line !== '');
    }
  } catch (error) {
    if (silence.signal.aborted) throw new Error(`the watch is silent for ${silenceMs} ms`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** All that a response brings. */
export async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_CHARACTERS) throw new RangeError('an answer of more than 512 MiB');
  }
  return text;
}
