import { nearest } from '../../cni/spec/nearest.ts';
import { couldNotTell, usageError } from '../command.ts';
import { type Call } from './calls.ts';
import { entryName, type Entry } from './entries.ts';

/**
 * The calls and repairs of a pod, named `default/web-0`, or `web-0` where one namespace only has it.
 *
 * @throws {CommandError} `usage` where several are meant, `unknown` where none is, with the nearest name
 */
export function callsOf<E extends Entry>(name: string, entries: readonly E[]): E[] {
  const names = [...new Set(entries.map(entryName))];
  const meant = names.filter((each) => each === name || each.endsWith(`/${name}`));
  if (meant.length === 1) return entries.filter((entry) => entryName(entry) === meant[0]);
  if (meant.length > 1) {
    throw usageError(`cannot tell which pod "${name}" is: expected ${meant.join(' or ')}`);
  }
  throw couldNotTell(`cannot find a call of pod "${name}": ${hint(name, names)}`);
}

/**
 * The call with this ID, of which a beginning is enough, or the last one of this pod.
 *
 * @throws {CommandError} `usage`, `unknown`
 */
export function callNamed(text: string, calls: readonly Call[]): Call {
  const [call, ...others] = /^[0-9a-f]+$/.test(text)
    ? calls.filter(({ id }) => id.startsWith(text))
    : [];
  if (call && others.length === 0) return call;
  if (others.length > 0) {
    throw usageError(`cannot tell which call "${text}" is: expected more letters of its ID`);
  }
  const [last] = callsOf(text, calls);
  if (last) return last;
  throw couldNotTell(`cannot find a call "${text}": \`history\` lists them`);
}

function hint(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'this node remembers no call';
  return `did you mean "${nearest(name, known)}"?`;
}
