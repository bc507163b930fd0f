import { messageOf } from './lists.ts';

/** One effective setting: what it is, as text, and where it was said. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** `default`, `annotation <key>`, `env <NAME> of container <name>`, `securityContext of …`, `argument <flag> of …` */
  readonly source: string;
}

/** What a pod says about a setting; `text` is undefined where it is said, but only the kubelet will know what. */
export interface Said {
  readonly source: string;
  readonly text: string | undefined;
}

export type Warn = (text: string) => void;

/** How values of one kind are read and written, and what holds when the pod says nothing. */
export interface Format<T> {
  readonly fallback: string;
  readonly parse: (text: string, warn: Warn) => T | Promise<T>;
  readonly render: (value: T) => string;
}

/** A value with all that is to be told about it; with problems, the value is only a stand-in. */
export interface Reading<T> {
  readonly value: T;
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

const MOST_WARNINGS = 5;

/** Reads one setting. Never rejects: what is wrong is told in `problems`, so that all of it is told at once. */
export async function read<T>(
  name: string,
  said: Said | undefined,
  { fallback, parse, render }: Format<T>,
): Promise<Reading<T>> {
  const { source, text } = said ?? { source: 'default', text: fallback };
  const warnings: string[] = [];
  try {
    const value = await parse(literal(text), (warning) => warnings.push(`${source}: ${warning}`));
    const settings = [{ name, value: render(value), source }];
    return { value, settings, warnings: first(warnings, source), problems: [] };
  } catch (error) {
    const value = await parse(fallback, () => undefined);
    return { value, settings: [], warnings: [], problems: [`${source}: ${messageOf(error)}`] };
  }
}

/** One reading of all, in the order of the keys. */
export function together<T extends object>(readings: {
  readonly [K in keyof T]: Reading<T[K]>;
}): Reading<T> {
  const entries = Object.entries<Reading<unknown>>(readings);
  return {
    value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])) as T,
    settings: entries.flatMap(([, { settings }]) => settings),
    warnings: entries.flatMap(([, { warnings }]) => warnings),
    problems: entries.flatMap(([, { problems }]) => problems),
  };
}

function literal(text: string | undefined): string {
  if (text !== undefined) return text;
  throw new RangeError(
    'expected a literal value, as nobody knows yet what valueFrom or $(…) will stand for',
  );
}

function first(warnings: readonly string[], source: string): string[] {
  const hidden = warnings.length - MOST_WARNINGS;
  const shown = warnings.slice(0, MOST_WARNINGS);
  return hidden > 0 ? [...shown, `${source}: ${hidden} more like these`] : shown;
}
