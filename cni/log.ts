/** pino's numbers, so that the agent's log and the plugin's read alike. */
export const LOG_LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
export type LogLevel = keyof typeof LOG_LEVELS;

export type Log = (
  level: LogLevel,
  msg: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** One line of JSON in pino's fields, e.g. `{"level":30,"time":1760000000000,"name":"sluice-cni","msg":"redirected"}`. */
export function renderLogLine(
  level: LogLevel,
  time: number,
  { msg, ...fields }: Readonly<Record<string, unknown>> & { readonly msg: string },
): string {
  return `${JSON.stringify({ level: LOG_LEVELS[level], time, name: 'sluice-cni', msg, ...fields })}\n`;
}
