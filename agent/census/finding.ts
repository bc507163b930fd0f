import { type Backend } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Decision } from '../../cni/redirect/decide.ts';
import { type SkipReason } from '../../cni/redirect/skip.ts';
import { type Difference } from '../../cni/rules/compare.ts';
import { type Rulesets } from '../../cni/rules/ruleset.ts';

/** What is wrong with a pod's redirection: the evidence, and one sentence that a person can act on. */
export type Finding = Evidence & { readonly sentence: string };

export type Evidence =
  /** Nothing of ours in either family: no ADD was ours, or all was flushed. */
  | { readonly kind: 'un-redirected' }
  /** One family is as it should be, the other holds nothing of ours, or what its rules rely on is not there. */
  | { readonly kind: 'partly-redirected'; readonly family: Family; readonly lacks: string }
  | { readonly kind: 'drifted'; readonly family: Family; readonly difference: Difference }
  | {
      readonly kind: 'redirected-unexpectedly';
      readonly reason: UntouchedReason;
      readonly backend: Backend;
    }
  /** Rules of a mesh in the backend that the node does not use. */
  | { readonly kind: 'doubled'; readonly backend: Backend }
  | { readonly kind: 'foreign-in-front'; readonly family: Family; readonly difference: Difference }
  | { readonly kind: 'ipv6-leak'; readonly addresses: readonly string[] }
  /** Its traffic is taken for the proxy's and leaves past it; no repair of rules helps. */
  | { readonly kind: 'proxy-uid-app'; readonly container: string; readonly uid: number }
  | { readonly kind: 'unknown'; readonly why: string };

export type FindingKind = Finding['kind'];

export type UntouchedReason = SkipReason | 'host-network';

export type Expected =
  | {
      readonly action: 'redirect';
      readonly decision: Extract<Decision, { action: 'redirect' }>;
      /** As the record of the ADD has them, so that an agent of another version finds them right. */
      readonly rules: Rulesets;
      /** What the ADD read back; undefined where no ADD of ours has been. */
      readonly added:
        { readonly backend: string | undefined; readonly families: readonly Family[] } | undefined;
    }
  | { readonly action: 'skip'; readonly reason: UntouchedReason }
  /** An annotation that is wrong: the pod can have been started by somebody else only. */
  | { readonly action: 'unknown'; readonly why: string };

/** Metric label. `absent`: the pod has no netns (yet, or any more), or has the host's. */
export const ACTUALS = [
  'redirected',
  'un-redirected',
  'partly-redirected',
  'drifted',
  'doubled',
  'unknown',
  'absent',
] as const;
export type ActualState = (typeof ACTUALS)[number];

/** The netns in which a pod was found to be. */
export interface FoundNetns {
  /** As whoever knew it calls it; it may be somebody else's by now: `openPodNetns` looks. */
  readonly path: string;
  readonly inode: number;
  readonly source: 'record' | 'result-cache' | 'cgroup';
}

export interface CensusPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One pod, expected and actual. No findings: nothing is to be done. */
export interface PodState {
  readonly pod: CensusPod;
  readonly expected: Expected;
  readonly actual: ActualState;
  readonly findings: readonly Finding[];
  readonly netns: FoundNetns | undefined;
}
