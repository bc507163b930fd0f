import { isJsonObject, type JsonObject } from '../../cni/spec/json.ts';
import { columns } from '../columns.ts';
import { type Style } from '../style.ts';
import { type Attachment, type Verb } from './call.ts';
import { type Ended } from './run.ts';

export interface Calls {
  readonly verb: Verb;
  readonly network: string;
  readonly attachment: Attachment | undefined;
  readonly plugins: readonly Ended[];
  /** Of an ADD that succeeded. */
  readonly result: JsonObject | undefined;
}

export function renderCalls({ verb, plugins, result }: Calls, style: Style): string {
  const rows = plugins.map((ended) => [
    markOf(ended, style),
    verb.toUpperCase(),
    ended.type,
    `${ended.ms} ms`,
    saying(ended),
  ]);
  const logs = plugins.flatMap(({ log, type, error }) =>
    log
      .filter((line) => !saysAgain(line, error))
      .map((line) => style.dim(`${type}: ${readable(line)}\n`)),
  );
  const printed = result ? `${JSON.stringify(result, undefined, 2)}\n` : '';
  return columns(rows) + logs.join('') + printed;
}

function markOf({ outcome }: Ended, style: Style): string {
  if (outcome === 'succeeded') return style.good('ok');
  return outcome === 'failed' ? style.bad('failed') : style.odd('unclear');
}

function saying({ error, reason, result }: Ended): string {
  if (error) return [`code ${error.code}: ${error.msg}`, error.details].filter(Boolean).join(': ');
  const versions = result?.supportedVersions;
  return reason ?? (Array.isArray(versions) ? versions.join(', ') : '');
}

/** Our own log repeats the error result. */
function saysAgain(line: string, error: Ended['error']): boolean {
  return error !== undefined && line.includes(`"msg":${JSON.stringify(error.msg)}`);
}

/** Our own lines are JSON in pino's fields; others' are taken as they are. */
function readable(line: string): string {
  try {
    const value = JSON.parse(line) as unknown;
    if (!isJsonObject(value) || typeof value.msg !== 'string') return line;
    const fields = Object.entries(value).filter(
      ([key]) => !['level', 'time', 'name', 'msg'].includes(key),
    );
    return [value.msg, ...fields.map(([key, field]) => `${key}=${JSON.stringify(field)}`)].join(
      ' ',
    );
  } catch {
    return line;
  }
}
