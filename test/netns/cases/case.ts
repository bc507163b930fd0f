import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type PodChanges } from '../../support/pod.ts';
import { type Trip, type Way } from '../../support/trips.ts';

/** What a pod says, and which way its traffic goes then. */
export interface Case {
  readonly pod: PodChanges & { readonly dns?: boolean };
  /** In the order in which they are taken. */
  readonly ways: Readonly<Partial<Record<Trip, Way>>>;
  /** Both, unless it says otherwise. */
  readonly families?: readonly Family[];
}

export type Cases = Readonly<Record<string, Case>>;

/** A pod with annotations `traffic.sidecar.istio.io/…`. */
export function traffic(settings: Readonly<Record<string, string>>): {
  readonly annotations: Readonly<Record<string, string>>;
} {
  const entries = Object.entries(settings).map(([key, value]) => [
    `traffic.sidecar.istio.io/${key}`,
    value,
  ]);
  return { annotations: Object.fromEntries(entries) as Record<string, string> };
}
