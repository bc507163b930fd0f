import { readFileSync } from 'node:fs';
import { usageError } from '../command.ts';

/** As whom the sidecar runs; undefined: 1337. */
export interface Account {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * A user by name or number, from this host's own list.
 *
 * @throws {CommandError} `usage`
 */
export function findAccount(
  user: string | undefined,
  group: string | undefined,
  passwd = '/etc/passwd',
): Account {
  if (user === '0' || user === 'root') {
    throw usageError('cannot take root for the sidecar: all that root does would pass it by');
  }
  const own = group === undefined ? undefined : numberOf(group, 'proxy-group');
  if (user === undefined || /^\d+$/.test(user)) {
    return { uid: user === undefined ? undefined : Number(user), gid: own };
  }
  const [, , uid, gid] =
    readFileSync(passwd, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === user) ?? [];
  if (uid === undefined)
    throw usageError(`cannot find user "${user}" in ${passwd}: wanted a name or a number`);
  return { uid: Number(uid), gid: own ?? Number(gid) };
}

function numberOf(text: string, option: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw usageError(`cannot use --${option} "${text}": wanted a number`);
}
