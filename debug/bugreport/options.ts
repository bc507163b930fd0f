import { type Arguments, type Option, usageError } from '../command.ts';

export const OPTIONS: Readonly<Record<string, Option>> = {
  'dry-run': { type: 'boolean', meaning: 'list what would be read and run, and do none of it' },
  file: {
    type: 'string',
    value: '<path>',
    meaning: 'the archive; - is stdout; one in this directory by default',
  },
  since: {
    type: 'string',
    value: '<time>',
    meaning: 'of logs, e.g. 30m, 24h, 7d; 24h by default',
  },
  'max-size': {
    type: 'string',
    value: '<size>',
    meaning: 'of all files unpacked, e.g. 5M; 20M by default',
  },
  logs: {
    type: 'string',
    value: '<path>',
    meaning: "kubelet's logs of pods; /var/log/pods by default",
  },
  timeout: { type: 'string', value: '<seconds>', meaning: 'for everything; 60 by default' },
};

export interface Wanted {
  readonly since: Date;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const SIZES: Readonly<Record<string, number>> = { '': 1, K: 1_024, M: 1_048_576 };

/** @throws {CommandError} `usage` */
export function readWanted({ text }: Arguments, now: Date): Wanted {
  const seconds = scaled(text('since') ?? '24h', UNITS, 'since');
  return {
    since: new Date(now.getTime() - seconds * 1_000),
    maxBytes: scaled(text('max-size') ?? '20M', SIZES, 'max-size'),
    timeoutMs: scaled(`${text('timeout') ?? '60'}s`, UNITS, 'timeout') * 1_000,
  };
}

function scaled(text: string, units: Readonly<Record<string, number>>, option: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([a-zA-Z]?)$/.exec(text) ?? [];
  const factor = units[unit];
  if (digits !== '' && Number(digits) > 0 && factor !== undefined) return Number(digits) * factor;
  const wanted = Object.keys(units).filter(Boolean).join(', ');
  throw usageError(`cannot use --${option} "${text}": wanted a number and one of ${wanted}`);
}
