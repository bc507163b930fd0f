import { type Logger } from 'pino';
import { isObject } from '../cni/facts/json.ts';
import { type AttachmentRecord, parseRecord } from '../cni/attachment.ts';
import { type Metrics } from './metrics.ts';
import { countRecord, recordFields, recordLevel } from './records.ts';

/** Takes what the plugin tells: `full` when too much came in at once, so that a log never fills a disk. */
export type TakeEvent = (body: string) => 'taken' | 'full' | 'unreadable';

export interface EventOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Takes each record. */
  readonly keep?: (record: AttachmentRecord) => void;
  /** So many at once, and again so many after `refillMs`. */
  readonly burst?: number;
  readonly refillMs?: number;
  /** In milliseconds, of any beginning. */
  readonly clock?: () => number;
}

/** An event may hold a record with the rules of a pod that lists thousands of ports. */
export const MAX_EVENT_BYTES = 2 * 1024 * 1024;

/** Turns the plugin's events into log lines of ours, and counts them. */
export function createEvents(options: EventOptions): TakeEvent {
  const { log, metrics, burst = 500, refillMs = 10_000, clock = () => performance.now() } = options;
  const pluginLog = log.child({ name: 'sluice-cni' });
  let tokens = burst;
  let at = clock();

  return (body) => {
    const now = clock();
    tokens = Math.min(burst, tokens + ((now - at) / refillMs) * burst);
    at = now;
    if (tokens < 1) {
      metrics.eventsDropped.inc({ reason: 'too-many' });
      return 'full';
    }
    tokens -= 1;
    const taken = emit(body, { ...options, log: pluginLog });
    if (!taken) metrics.eventsDropped.inc({ reason: 'unreadable' });
    return taken ? 'taken' : 'unreadable';
  };
}

function emit(body: string, { log, metrics, keep }: EventOptions): boolean {
  const record = parseRecord(body);
  if (record) {
    keep?.(record);
    countRecord(record, metrics);
    log[recordLevel(record)](recordFields(record), record.outcome);
    return true;
  }
  const line = parseLine(body);
  if (!line) return false;
  const { msg, level, fields } = line;
  log[level]({ plugin: fields }, msg);
  return true;
}

const LEVELS = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' } as const;
const MAX_TEXT = 4_000;

/** A log line of the plugin; its fields stay together, so that none takes the place of one of ours. */
function parseLine(
  body: string,
): { msg: string; level: (typeof LEVELS)[keyof typeof LEVELS]; fields: unknown } | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    if (!isObject(value) || typeof value.msg !== 'string') return undefined;
    const fields = Object.fromEntries(
      Object.entries(value).filter(([key]) => key !== 'msg' && key !== 'level'),
    );
    const name =
      Object.entries(LEVELS).find(([number]) => Number(number) === value.level)?.[1] ?? 'info';
    const isShort = JSON.stringify(fields).length <= MAX_TEXT;
    return {
      msg: value.msg.slice(0, MAX_TEXT),
      level: name,
      fields: isShort ? fields : 'too long',
    };
  } catch {
    return undefined;
  }
}
