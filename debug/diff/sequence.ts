/** One item of two sequences, in an order that keeps that of both. */
export interface Edit<T> {
  readonly in: 'both' | 'wanted' | 'found';
  readonly item: T;
  /** Where it stands in its sequence; of both: in the found one. */
  readonly index: number;
}

/** Beyond this, the search takes longer than anybody waits: then all of one is followed by all of the other. */
const MOST = 4_000_000;

/** The fewest edits that make the wanted sequence of the found one. */
export function edits<T>(
  wanted: readonly T[],
  found: readonly T[],
  same: (one: T, other: T) => boolean,
): Edit<T>[] {
  const head = commonLength(wanted, found, same);
  const [restWanted, restFound] = [wanted.slice(head), found.slice(head)];
  const tail = commonLength(restWanted.toReversed(), restFound.toReversed(), same);
  const middle = between(
    restWanted.slice(0, restWanted.length - tail),
    restFound.slice(0, restFound.length - tail),
    same,
  );
  const end = found.length - tail;
  const shared = (item: T, index: number): Edit<T> => ({ in: 'both', item, index });
  return [
    ...found.slice(0, head).map(shared),
    ...middle.map((edit) => ({ ...edit, index: edit.index + head })),
    ...found.slice(end).map((item, i) => shared(item, end + i)),
  ];
}

function commonLength<T>(
  one: readonly T[],
  other: readonly T[],
  same: (one: T, other: T) => boolean,
): number {
  const at = one.findIndex((item, i) => {
    const opposite = other[i];
    return i >= other.length || opposite === undefined || !same(item, opposite);
  });
  return at === -1 ? one.length : at;
}

/** By the longest common subsequence. */
function between<T>(
  wanted: readonly T[],
  found: readonly T[],
  same: (one: T, other: T) => boolean,
): Edit<T>[] {
  const only = (of: 'wanted' | 'found', items: readonly T[], from: number): Edit<T>[] =>
    items.map((item, i) => ({ in: of, item, index: from + i }));
  if (wanted.length * found.length > MOST) {
    return [...only('wanted', wanted, 0), ...only('found', found, 0)];
  }
  const lengths = table(wanted, found, same);
  const list: Edit<T>[] = [];
  let [i, j] = [0, 0];
  while (i < wanted.length && j < found.length) {
    const [item, opposite] = [wanted[i], found[j]];
    if (item === undefined || opposite === undefined) break;
    if (same(item, opposite)) {
      list.push({ in: 'both', item: opposite, index: j });
      i += 1;
      j += 1;
    } else if (lengthAt(lengths, i + 1, j) >= lengthAt(lengths, i, j + 1)) {
      list.push({ in: 'wanted', item, index: i });
      i += 1;
    } else {
      list.push({ in: 'found', item: opposite, index: j });
      j += 1;
    }
  }
  return [...list, ...only('wanted', wanted.slice(i), i), ...only('found', found.slice(j), j)];
}

/** Of what begins at each pair of positions: the length of the longest common subsequence. */
function table<T>(
  wanted: readonly T[],
  found: readonly T[],
  same: (one: T, other: T) => boolean,
): readonly Uint16Array[] {
  const rows = Array.from({ length: wanted.length + 1 }, () => new Uint16Array(found.length + 1));
  for (let i = wanted.length - 1; i >= 0; i -= 1) {
    for (let j = found.length - 1; j >= 0; j -= 1) {
      const [item, opposite] = [wanted[i], found[j]];
      const isSame = item !== undefined && opposite !== undefined && same(item, opposite);
      const longest = isSame
        ? lengthAt(rows, i + 1, j + 1) + 1
        : Math.max(lengthAt(rows, i + 1, j), lengthAt(rows, i, j + 1));
      rows[i]?.fill(longest, j, j + 1);
    }
  }
  return rows;
}

function lengthAt(rows: readonly Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
