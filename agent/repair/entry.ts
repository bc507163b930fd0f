import { isObject } from '../../cni/facts/json.ts';
import { causes } from '../../cni/spec/error.ts';
import { VERSION } from '../../cni/version.ts';
import { type Pod } from '../pod.ts';
import { told, type Told } from '../podevents/event.ts';
import { REPAIR_MODES } from '../variables.ts';
import { type Mode } from './mode.ts';
import { OUTCOMES, type Outcome, type Result } from './treatment.ts';

/** What was done about one pod, as history keeps it. */
export interface RepairEntry {
  /** Of this shape. A reader takes only the number that it knows. */
  readonly schema: 1;
  readonly kind: 'repair';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly pod: Told;
  readonly mode: Mode;
  readonly outcome: Outcome;
  /** What was wrong. */
  readonly found: string;
  /** What came of it; "" where the outcome says it all. */
  readonly message: string;
  readonly version: string;
}

/** A treatment that has ended. */
export interface Done {
  readonly startedAt: string;
  readonly mode: Mode;
  readonly result: Result;
  readonly found: string;
}

/** Whoever runs in a pod chooses how long a sentence about its rules is. */
const MOST_CHARACTERS = 2_000;

export function repairEntry(pod: Pod, { startedAt, mode, result, found }: Done): RepairEntry {
  const { outcome, event, error } = result;
  const failure = error instanceof Error ? [error.message, ...causes(error)].join(': ') : '';
  return {
    schema: 1,
    kind: 'repair',
    startedAt,
    finishedAt: new Date().toISOString(),
    pod: told(pod),
    mode,
    outcome,
    found: found.slice(0, MOST_CHARACTERS),
    message: (event?.message ?? failure).slice(0, MOST_CHARACTERS),
    version: VERSION,
  };
}

/** Reads one back; undefined if the text is torn, or of something else. */
export function parseRepair(text: string): RepairEntry | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isRepair(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks all that readers rely on. */
export function isRepair(value: unknown): value is RepairEntry {
  return (
    hasTexts(value, 'startedAt', 'finishedAt', 'found', 'message', 'version') &&
    value.schema === 1 &&
    value.kind === 'repair' &&
    REPAIR_MODES.some((mode) => mode === value.mode) &&
    OUTCOMES.some((outcome) => outcome === value.outcome) &&
    hasTexts(value.pod, 'namespace', 'name', 'uid')
  );
}

function hasTexts(value: unknown, ...keys: string[]): value is Record<string, unknown> {
  return isObject(value) && keys.every((key) => typeof value[key] === 'string');
}
