import { execInNetns, type Kernel } from './kernel.ts';
import { needProgram } from './tools.ts';

/** The users and groups that exist in a user namespace; first and last of each range. */
export interface IdMaps {
  readonly user: readonly IdRange[];
  readonly group: readonly IdRange[];
}
type IdRange = readonly [first: number, last: number];

/** Needs no other program than the shell. */
const SCRIPT =
  'while read -r line; do echo "user $line"; done </proc/self/uid_map; ' +
  'while read -r line; do echo "group $line"; done </proc/self/gid_map';

/** @throws {Error} */
export async function readIdMaps(kernel: Kernel): Promise<IdMaps> {
  const sh = needProgram('sh', kernel.tools.place);
  const { stdout } = await execInNetns(kernel, [...sh, '-c', SCRIPT], '');
  return parseIdMaps(stdout);
}

/** Reads lines as `user 0 100000 65536`: first within, first outside, how many. */
export function parseIdMaps(text: string): IdMaps {
  const rangesOf = (kind: string): IdRange[] =>
    [...text.matchAll(/^(\w+)\s+(\d+)\s+\d+\s+(\d+)\s*$/gm)]
      .filter(([, found]) => found === kind)
      .map(([, , first, count]) => [Number(first), Number(first) + Number(count) - 1]);
  return { user: rangesOf('user'), group: rangesOf('group') };
}

/** The owners in this input of a restore that do not exist in the user namespace, e.g. `user 1337`; each once. */
export function unknownOwners(input: string, maps: IdMaps): string[] {
  const owners = [...input.matchAll(/--([ug])id-owner (\d+)/g)];
  const unknown = owners
    .map(([, letter, id]) => ({ kind: letter === 'u' ? 'user' : 'group', id: Number(id) }) as const)
    .filter(({ kind, id }) => !maps[kind].some(([first, last]) => id >= first && id <= last));
  return [...new Set(unknown.map(({ kind, id }) => `${kind} ${id}`))];
}

/** `users 0-999 and groups 0-65535` */
export function renderIdMaps({ user, group }: IdMaps): string {
  const list = (ranges: readonly IdRange[]): string =>
    ranges.map(([first, last]) => `${first}-${last}`).join(', ');
  return `users ${list(user)} and groups ${list(group)}`;
}
