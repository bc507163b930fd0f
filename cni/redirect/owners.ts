import { parseList } from './lists.ts';
import { quote } from './quote.ts';

declare const id: unique symbol;
/** A user or group ID from 0 to 4294967294, made only by `parseOwnerId`. */
export type OwnerId = number & { readonly [id]: true };

/** Groups whose processes are redirected, by number. */
export type OwnerGroups =
  | { readonly redirect: 'all' }
  | { readonly redirect: 'only'; readonly groups: readonly OwnerId[] }
  | { readonly redirect: 'except'; readonly groups: readonly OwnerId[] };

/**
 * One rule holds all included groups, and a rule takes only so many matches; Istio draws the same line.
 *
 * @see https://github.com/istio/istio/blob/ff6f5326fe4fc87fb5984939fcb451862e03ad59/tools/common/config/validation.go
 */
const MOST_INCLUDED = 64;

/** @throws {RangeError} unless `text` is an integer from 0 to 4294967294 */
export function parseOwnerId(text: string): OwnerId {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 4294967294) return value as OwnerId;
  throw new RangeError(
    `cannot parse user or group ID ${quote(text)}: expected an integer from 0 to 4294967294`,
  );
}

/**
 * Parses a list of group IDs, e.g. `"1001, 1002"`.
 *
 * @returns each group once, ascending
 * @throws {RangeError} for names too: the node would look them up in its own list of groups, not in the pod's
 */
export function parseGroups(text: string): OwnerId[] {
  const groups = parseList(text, (item) => {
    if (/^\d+$/.test(item)) return parseOwnerId(item);
    throw new RangeError(
      `cannot use group ${quote(item)}: expected a numeric group ID, as the pod's names are unknown on the node`,
    );
  });
  return [...new Set(groups)].sort((a, b) => a - b);
}

/** Parses `"*"` or up to 64 group IDs. */
export function parseIncludedGroups(text: string): 'all' | OwnerId[] {
  if (text.trim() === '*') return 'all';
  const groups = parseGroups(text);
  if (groups.length <= MOST_INCLUDED) return groups;
  throw new RangeError(
    `cannot redirect ${groups.length} groups: expected at most ${MOST_INCLUDED}`,
  );
}

/** The included ones count first, the excluded ones only beside `*`. */
export function ownerGroups(
  included: 'all' | readonly OwnerId[],
  excluded: readonly OwnerId[],
): OwnerGroups {
  if (included !== 'all') return { redirect: 'only', groups: included };
  return excluded.length === 0 ? { redirect: 'all' } : { redirect: 'except', groups: excluded };
}
