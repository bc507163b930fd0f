import type { FactsSource } from './facts/source.ts';
import type { Family } from './redirect/cidrs.ts';
import type { Decision } from './redirect/decide.ts';
import type { PodFacts } from './redirect/pod.ts';
import type { Ruleset } from './rules/rule.ts';
import type { PodRef } from './spec/args.ts';

/** What the plugin did for one attachment; the JSON on the node's disk, where `undefined` is left out. */
export interface AttachmentRecord {
  /** Of this shape. A reader takes only the number that it knows. */
  readonly schema: 1;
  readonly containerId: string;
  readonly ifName: string;
  /** `pending`: written before the kernel is touched, and never completed if the plugin was killed. */
  readonly outcome: Outcome;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly netns: { readonly path: string; readonly inode: number | undefined };
  readonly pod: PodRef | undefined;
  readonly request: RecordedRequest;
  readonly facts: RecordedFacts | undefined;
  readonly decision: Decision | undefined;
  readonly rules: RecordedRules | undefined;
  /** Families whose rules were read back. */
  readonly families: readonly Family[];
  readonly backend: string | undefined;
  readonly versions: { readonly sluice: string; readonly node: string };
  /** Name of a phase to milliseconds. */
  readonly phases: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly error: RecordedError | undefined;
}

export const OUTCOMES = ['pending', 'redirected', 'skipped', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the runtime asked for. */
export interface RecordedRequest {
  readonly cniVersion: string;
  /** The name of the network configuration. */
  readonly network: string;
  readonly podAnnotations: Readonly<Record<string, string>> | undefined;
}

export interface RecordedFacts {
  readonly source: FactsSource;
  readonly observedAt: string | undefined;
  readonly notes: readonly string[];
  readonly pod: PodFacts;
}

/** What was given to the kernel, or was about to be. */
export interface RecordedRules {
  readonly hash: string;
  readonly ipv4: Ruleset;
  readonly ipv6: Ruleset;
}

export interface RecordedError {
  readonly code: number;
  readonly msg: string;
  readonly details: string;
}

/** Reads a record back; undefined if the text is torn, or of something else. */
export function parseRecord(text: string): AttachmentRecord | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks what readers rely on; the rest was written by the same program, whole or not at all. */
function isRecord(value: unknown): value is AttachmentRecord {
  return (
    hasTexts(value, 'containerId', 'ifName', 'startedAt') &&
    value.schema === 1 &&
    OUTCOMES.some((outcome) => outcome === value.outcome) &&
    hasTexts(value.netns, 'path') &&
    hasTexts(value.request, 'cniVersion', 'network') &&
    hasTexts(value.versions, 'sluice', 'node') &&
    hasTexts(value.phases) &&
    (value.rules === undefined || isRules(value.rules))
  );
}

function isRules(value: unknown): boolean {
  return hasTexts(value, 'hash') && isRuleset(value.ipv4) && isRuleset(value.ipv6);
}

function isRuleset(value: unknown): boolean {
  return hasTexts(value, 'family') && Array.isArray(value.tables);
}

function hasTexts(value: unknown, ...keys: string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const object: object = value;
  return keys.every((key) => typeof Reflect.get(object, key) === 'string');
}
