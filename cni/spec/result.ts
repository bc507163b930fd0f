import { type NetConf } from './config.ts';
import { convertResult } from './convert.ts';
import { type JsonObject, spellKeys } from './json.ts';
import { type CniVersion, parseVersion, resultFormat } from './version.ts';

/**
 * Renders the result of ADD: `prevResult`, which nothing but its label changes in where the version's format is the
 * same, or an empty result when the plugin is the only one of its network.
 *
 * @throws {CniError} `incompatibleVersion` or `invalidConfig` when `prevResult` cannot be said in the version
 */
export function renderResult({
  cniVersion,
  prevResult,
}: Pick<NetConf, 'cniVersion' | 'prevResult'>): string {
  if (prevResult === undefined) return JSON.stringify(emptyResult(cniVersion));
  const labelled = spellKeys(prevResult, ['cniVersion']);
  const from = parseVersion(labelled.cniVersion, cniVersion);
  const sameFormat = resultFormat(from) === resultFormat(cniVersion);
  return JSON.stringify(
    sameFormat ? { ...labelled, cniVersion } : convertResult(prevResult, from, cniVersion),
  );
}

/** The old versions always have `dns`. */
function emptyResult(cniVersion: CniVersion): JsonObject {
  return resultFormat(cniVersion) === 'ips' ? { cniVersion } : { cniVersion, dns: {} };
}
