import { quote } from './json.ts';
import { nearest } from './nearest.ts';

/** The keys of the entry that are ours. */
export const OWN_KEYS = [
  'logLevel',
  'excludeNamespaces',
  'agentSocket',
  'stateDir',
  'backend',
  'deadlineMs',
  'apiFallback',
  'agentNamespace',
  'toolsDir',
] as const;
export type OwnKey = (typeof OWN_KEYS)[number];

/**
 * The keys that the specification, its conventions and libcni know, whether or not they mean anything to us.
 *
 * @see https://github.com/containernetworking/cni/blob/spec-v1.1.0/SPEC.md#configuration-format
 */
export const STANDARD_KEYS = [
  'cniVersion',
  'cniVersions',
  'name',
  'type',
  'args',
  'capabilities',
  'runtimeConfig',
  'prevResult',
  'ipMasq',
  'ipam',
  'dns',
  'disableCheck',
  'disableGC',
  'loadOnlyInlinedPlugins',
  'plugins',
  'cni.dev/valid-attachments',
  'cni.dev/attachments',
] as const;

const KNOWN: readonly string[] = [...OWN_KEYS, ...STANDARD_KEYS];
const MAX_WARNINGS = 10;

/** One warning per key that nobody knows, with the known key that is spelled most like it. */
export function unknownKeyWarnings(keys: readonly string[]): string[] {
  const unknown = keys.filter((key) => !KNOWN.includes(key) && !key.startsWith('cni.dev/'));
  const shown = unknown
    .slice(0, MAX_WARNINGS)
    .map(
      (key) =>
        `ignored unknown key ${quote(key)}: the nearest known one is "${nearest(key, KNOWN)}"`,
    );
  const hidden = unknown.length - shown.length;
  return hidden === 0 ? shown : [...shown, `ignored ${hidden} more unknown keys`];
}
