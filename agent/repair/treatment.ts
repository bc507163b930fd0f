import { type PodState } from '../census/finding.ts';
import { type Pod } from '../pod.ts';
import { type PodEvent } from '../podevents/event.ts';

/** A pod whose traffic should be redirected and is not, or not wholly. */
export interface Patient {
  readonly pod: Pod;
  /** Read a moment ago. */
  readonly state: PodState;
}

/**
 * Metric label: it is right now, or on its way out; somebody refused, it may be asked again; it did not work; the pod
 * went meanwhile; it was told and nothing else was wanted.
 */
export const OUTCOMES = ['done', 'refused', 'failed', 'gone', 'told'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What came of a treatment, and what of it the pod's Events tell. */
export interface Result {
  readonly outcome: Outcome;
  readonly event: Omit<PodEvent, 'pod'> | undefined;
  /** For the log. */
  readonly error?: unknown;
}

export type Treatment = (patient: Patient) => Promise<Result>;

export const GONE: Result = { outcome: 'gone', event: undefined };
/** Nothing to be told yet. */
export const LATER: Result = { outcome: 'refused', event: undefined };
