import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../cni/spec/json.ts';
import { usageError } from '../command.ts';
import { objectIn } from './object.ts';
import { type Attachment, type Network } from './call.ts';

/** A result that an ADD printed, alone or as `cni add -o json` has it. @throws {CommandError} `usage` */
export function readResult(file: string, text: string): JsonObject {
  const value = objectIn(text);
  const result = isJsonObject(value?.result) ? value.result : value;
  if (result && typeof result.cniVersion === 'string') return result;
  throw usageError(`cannot use "${file}" as the result of an ADD: wanted JSON with a cniVersion`);
}

/**
 * What libcni remembers of the runtime's ADD; undefined if that is nothing.
 *
 * @see https://github.com/containernetworking/cni/blob/v1.3.0/libcni/api.go
 */
export function rememberedResult(
  directory: string,
  { name }: Network,
  { containerId, ifName }: Attachment,
): JsonObject | undefined {
  try {
    const file = join(directory, 'results', `${name}-${containerId}-${ifName}`);
    const result = objectIn(readFileSync(file, 'utf8'))?.result;
    return isJsonObject(result) ? result : undefined;
  } catch {
    return undefined;
  }
}
