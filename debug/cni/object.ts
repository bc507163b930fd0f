import { isJsonObject, type JsonObject } from '../../cni/spec/json.ts';

/** The JSON object that a text is; undefined if it is something else. */
export function objectIn(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
