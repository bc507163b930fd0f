import { isAbsent, isJsonObject, type JsonObject } from '../spec/json.ts';

/** These read one place of a Kubernetes manifest, which the message names: absent, null and empty are alike. */

export function object(value: unknown, where: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw unexpected(where, 'an object');
}

export function objects(value: unknown, where: string): JsonObject[] {
  return array(value, where).map((item, i) => object(item, `${where}[${i}]`));
}

export function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw unexpected(where, 'a string');
}

export function strings(value: unknown, where: string): string[] {
  return array(value, where).map((item, i) => string(item, `${where}[${i}]`));
}

export function stringMap(value: unknown, where: string): Record<string, string> {
  if (isAbsent(value)) return {};
  const entries = Object.entries(object(value, where));
  return Object.fromEntries(entries.map(([key, text]) => [key, string(text, `${where}.${key}`)]));
}

export function integer(value: unknown, where: string): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unexpected(where, 'an integer');
}

function array(value: unknown, where: string): readonly unknown[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value)) return value;
  throw unexpected(where, 'a list');
}

function unexpected(where: string, wanted: string): TypeError {
  return new TypeError(`cannot parse pod: expected ${where} to be ${wanted}`);
}
