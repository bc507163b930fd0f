export type JsonObject = Readonly<Record<string, unknown>>;

/** What V8 has of https://github.com/tc39/proposal-json-parse-with-source and TypeScript's library not yet. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}
const exact: ExactJson = JSON as JSON & ExactJson;

/**
 * Parses JSON so that `JSON.stringify` writes each number as it came in: `1e400`, `-0`, `1.0`, 20 digits.
 * A number that JavaScript would write differently is an opaque object then: see `numberOf`.
 *
 * @throws {SyntaxError} unless `text` is one JSON value
 * @throws {RangeError} when it nests deeper than the stack, some thousand levels
 */
export function parseJson(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value)
      ? exact.rawJSON(source)
      : value,
  );
}

/** The number that `parseJson` read, or undefined if it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return exact.isRawJSON(value) ? Number(JSON.stringify(value)) : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !exact.isRawJSON(value);
}

/** Go decodes `null` as if the key were absent, and so do we. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/**
 * The same object with the given keys in the given spelling, because a peer written in Go may use any letter case.
 * Where several spellings occur, the given one wins, else the last.
 */
export function spellKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  const spelling = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const spelled = Object.entries(object).map(([key, value]): [string, unknown] => {
    const known = spelling.get(key.toLowerCase()) ?? key;
    return [known, known !== key && Object.hasOwn(object, known) ? object[known] : value];
  });
  return Object.fromEntries(spelled);
}

/** A value as an error message shows it: JSON, cut after 80 characters. */
export function quote(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
