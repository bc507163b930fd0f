import { quote } from './quote.ts';

export type InterceptionMode = 'REDIRECT' | 'TPROXY';

/** @throws {RangeError} for anything else: also for `NONE`, which is a reason to skip the pod */
export function parseMode(text: string): InterceptionMode {
  if (text === 'REDIRECT' || text === 'TPROXY') return text;
  throw new RangeError(
    `cannot parse interception mode ${quote(text)}: expected REDIRECT, TPROXY or NONE`,
  );
}
