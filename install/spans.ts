/** Where a value lies in a text: from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Token extends Span {
  readonly text: string;
}

/**
 * Where the elements of a top-level array lie, so that one can be cut out or added while every other byte stays.
 * If the key occurs twice, the last one counts, as it does for every parser.
 *
 * @param text one JSON object
 * @returns undefined if there is no array of this key
 */
export function elementSpans(text: string, key: string): readonly Span[] | undefined {
  let found: readonly Span[] | undefined;
  let depth = 0;
  let name = '';
  let previous = '';
  const all = tokens(text);
  for (const [index, token] of all.entries()) {
    if (depth === 1 && token.text.startsWith('"') && previous !== ':') name = unquote(token.text);
    else if (depth === 1 && previous === ':' && name === key) {
      found = token.text === '[' ? elements(all, index + 1) : undefined;
    }
    depth += change(token.text);
    previous = token.text;
  }
  return found;
}

/** The elements of the array whose first token is at `index`. */
function elements(all: readonly Token[], index: number): Span[] {
  const spans: Span[] = [];
  let depth = 1;
  let first: Token | undefined;
  let last: Token | undefined;
  for (const token of all.slice(index)) {
    depth += change(token.text);
    if (depth === 0 || (depth === 1 && token.text === ',')) {
      if (first && last) spans.push({ start: first.start, end: last.end });
      if (depth === 0) break;
      first = undefined;
    } else {
      first ??= token;
      last = token;
    }
  }
  return spans;
}

function tokens(text: string): Token[] {
  const pattern = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    text: found,
    start: index,
    end: index + found.length,
  }));
}

function change(token: string): number {
  if (token === '{' || token === '[') return 1;
  return token === '}' || token === ']' ? -1 : 0;
}

function unquote(text: string): string {
  return String(JSON.parse(text));
}
