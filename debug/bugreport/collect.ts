import { setTimeout as sleep } from 'node:timers/promises';
import { type Redact } from './redact.ts';
import { MAX_BYTES, type Source } from './source.ts';
import { type ArchiveFile } from './tar.ts';

/** What became of a source. */
export interface Item {
  readonly name: string;
  readonly what: string;
  readonly outcome: 'collected' | 'cut' | 'failed' | 'left-out';
  readonly bytes: number;
  /** Why it failed or was left out. */
  readonly reason: string | undefined;
}

export interface Limits {
  /** Of all files together, before they are packed. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** For each source. */
  readonly eachMs?: number;
  readonly signal: AbortSignal;
}

export interface Collected {
  readonly files: readonly ArchiveFile[];
  readonly items: readonly Item[];
}

/** Reads and runs the sources one by one, in order, as far as size and time allow; nothing that fails ends it. */
export async function collect(
  sources: readonly Source[],
  redact: Redact,
  { maxBytes, timeoutMs, eachMs = 10_000, signal }: Limits,
): Promise<Collected> {
  const until = performance.now() + timeoutMs;
  const files: ArchiveFile[] = [];
  const items: Item[] = [];
  let left = maxBytes;
  for (const source of sources) {
    const { name, what } = source;
    const ms = Math.min(eachMs, until - performance.now());
    const reason =
      left <= 0
        ? 'the archive is full'
        : ms <= 0 || signal.aborted
          ? 'there was no time left'
          : undefined;
    if (reason !== undefined) {
      items.push({ name, what, outcome: 'left-out', bytes: 0, reason });
      continue;
    }
    const found = await attempt(source, ms, signal);
    if ('failure' in found) {
      items.push({ name, what, outcome: 'failed', bytes: 0, reason: redact(found.failure) });
      continue;
    }
    const whole = redact(found.text);
    const text = cut(whole, Math.min(left, MAX_BYTES));
    const bytes = Buffer.byteLength(text);
    left -= bytes;
    files.push({ name, text });
    items.push({
      name,
      what,
      outcome: text === whole ? 'collected' : 'cut',
      bytes,
      reason: undefined,
    });
  }
  return { files, items };
}

async function attempt(
  { collect: run }: Source,
  ms: number,
  signal: AbortSignal,
): Promise<{ readonly text: string } | { readonly failure: string }> {
  const ended = new AbortController();
  try {
    const late = sleep(ms, undefined, { signal: ended.signal }).then((): never => {
      throw new Error(`no end within ${Math.round(ms)} ms`);
    });
    late.catch(() => undefined); // it is called off
    const text = await Promise.race([run(AbortSignal.any([signal, ended.signal])), late]);
    return { text };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    ended.abort();
  }
}

/** The end says what happened last. */
function cut(text: string, most: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= most ? text : bytes.subarray(bytes.length - most).toString('utf8');
}
