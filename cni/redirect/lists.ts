const MOST_NAMED = 3;

/**
 * Parses a comma-separated list as Istio writes it, e.g. `"80, 443"`; `""` is an empty list.
 *
 * @throws {RangeError} that names the first wrong items and counts the rest; an empty item is wrong
 */
export function parseList<T>(text: string, parseItem: (item: string) => T): T[] {
  if (text.trim() === '') return [];
  const values: T[] = [];
  const wrong = new Set<string>();
  for (const item of text.split(',')) {
    try {
      values.push(parseItem(someText(item.trim())));
    } catch (error) {
      wrong.add(messageOf(error));
    }
  }
  if (wrong.size > 0) throw new RangeError(summary([...wrong]));
  return values;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Kubernetes and Istio disagree about what `80,,90` means, so nobody can rely on it. */
function someText(item: string): string {
  if (item !== '') return item;
  throw new RangeError('cannot parse an empty list item: expected a value between the commas');
}

function summary(wrong: readonly string[]): string {
  const named = wrong.slice(0, MOST_NAMED).join(', ');
  return wrong.length > MOST_NAMED ? `${named}, and ${wrong.length - MOST_NAMED} more` : named;
}
