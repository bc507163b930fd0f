import { CniError, ErrorCode } from './error.ts';
import { isAbsent, quote } from './json.ts';

/** Every version of the specification that this plugin speaks, oldest first. */
export const CNI_VERSIONS = [
  '0.1.0',
  '0.2.0',
  '0.3.0',
  '0.3.1',
  '0.4.0',
  '1.0.0',
  '1.1.0',
] as const;
export type CniVersion = (typeof CNI_VERSIONS)[number];

/** What a configuration without `cniVersion` means. */
export const IMPLIED_VERSION = '0.1.0' satisfies CniVersion;
export const LATEST_VERSION = '1.1.0' satisfies CniVersion;

/** Strings must match exactly: the specification knows no version ranges. */
export function isCniVersion(value: unknown): value is CniVersion {
  return CNI_VERSIONS.some((version) => version === value);
}

/**
 * The version that a configuration or result names.
 *
 * @throws {CniError} `decode` when it is no string, `incompatibleVersion` with both sides in the details
 */
export function parseVersion(value: unknown, fallback: CniVersion): CniVersion {
  if (isAbsent(value) || value === '') return fallback;
  if (isCniVersion(value)) return value;
  if (typeof value !== 'string') {
    throw new CniError(ErrorCode.decode, `cannot read cniVersion ${quote(value)}: wanted a string`);
  }
  const cause = new Error(`config is ${quote(value)}, plugin supports ${quote(CNI_VERSIONS)}`);
  const message = `cannot serve cniVersion ${quote(value)}: wanted one that this plugin supports`;
  throw new CniError(ErrorCode.incompatibleVersion, message, { cause });
}

export function isAtLeast(version: CniVersion, minimum: CniVersion): boolean {
  return CNI_VERSIONS.indexOf(version) >= CNI_VERSIONS.indexOf(minimum);
}

/**
 * How a version writes the addresses of a result: as `ip4` and `ip6`, as `ips` that each tell their
 * IP version, or as plain `ips`. Versions of one format differ in the label alone.
 */
export type ResultFormat = 'ip4-ip6' | 'versioned-ips' | 'ips';

export function resultFormat(version: CniVersion): ResultFormat {
  if (isAtLeast(version, '1.0.0')) return 'ips';
  return isAtLeast(version, '0.3.0') ? 'versioned-ips' : 'ip4-ip6';
}

/** The result of VERSION. */
export function renderVersions(cniVersion: CniVersion): string {
  return JSON.stringify({ cniVersion, supportedVersions: CNI_VERSIONS });
}
