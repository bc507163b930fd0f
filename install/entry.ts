import { type OwnKey } from '../cni/spec/keys.ts';
import { type Entry } from './conflist.ts';

/** The plugin's file in the CNI bin dir, and so the type of our entry. */
export const PLUGIN = 'sluice-cni';

/** Our entry, with those of our keys that are set. Without the capability a runtime passes no annotations. */
export function ownEntry(keys: Readonly<Partial<Record<OwnKey, unknown>>> = {}): Entry {
  return {
    type: PLUGIN,
    capabilities: { 'io.kubernetes.cri.pod-annotations': true },
    ...keys,
  };
}
