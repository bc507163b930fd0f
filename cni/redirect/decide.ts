import { type RedirectPlan } from './plan.ts';

/** Why a pod is not redirected, in the order in which they are looked for. Log field, metric label and test name alike. */
export const SKIP_REASONS = [
  'not-kubernetes',
  'own-agent',
  'namespace-excluded',
  'not-injected',
  'init-container-redirects',
  'no-sidecar',
  'proxy-disabled',
  'gateway',
  'injection-disabled',
  'interception-none',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One effective setting: what it is, as text, and where it was said. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** `default`, `annotation <key>`, `env <NAME> of container <name>`, `securityContext of …`, `arguments of …` */
  readonly source: string;
}

export type Decision =
  | { readonly action: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | {
      readonly action: 'redirect';
      readonly plan: RedirectPlan;
      readonly settings: readonly Setting[];
      readonly warnings: readonly string[];
    };
