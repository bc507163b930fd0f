import { sentence } from './sentence.ts';
import { type Means, Overtaken, take, targetOf } from './act.ts';
import { type Backoff, FREE_TRIES, type Tries } from './backoff.ts';
import { type InstallConfig } from './config.ts';
import { type Step } from './observed.ts';
import { wantedEntry } from './observe.ts';
import { type Conflict, type Report, type Taken } from './state.ts';

interface Options extends Means, Report {
  readonly config: InstallConfig;
  readonly backoff: Backoff;
  /** Once aborted, no further step is taken. */
  readonly signal?: AbortSignal | undefined;
}

/** How far it went. */
export interface Progress {
  /** Why the first of the steps that were not taken was not; undefined if all were. */
  readonly obstacle: string | undefined;
  readonly conflicts: readonly Conflict[];
  /** When to try again, on the clock of the back-off. */
  readonly nextAt: number;
}

/**
 * Takes steps in their order up to the first that fails or has to wait, because each relies on those before it. Only
 * a new executable may fail where an old one still works.
 *
 * @throws {Error} when aborted, which is no failure of the step
 */
export async function takeSteps(steps: readonly Step[], options: Options): Promise<Progress> {
  const held: Held[] = [];
  for (const step of steps) {
    options.signal?.throwIfAborted();
    const obstacle = await takeStep(step, options);
    if (obstacle === undefined) continue;
    held.push({ step, obstacle, tries: options.backoff.tries(targetOf(step, options.config)) });
    if (step.cause !== 'executable-different') break;
  }
  return {
    obstacle: held[0]?.obstacle,
    conflicts: held.flatMap(({ step, tries }) => conflict(step, tries, options.config) ?? []),
    nextAt: Math.min(...held.map(({ tries }) => tries?.nextAt ?? -Infinity)),
  };
}

interface Held {
  readonly step: Step;
  readonly obstacle: string;
  readonly tries: Tries | undefined;
}

/** @returns why it was not taken */
async function takeStep(step: Step, options: Options): Promise<string | undefined> {
  const { config, backoff, onStep, onConflict } = options;
  const path = targetOf(step, config);
  if (!backoff.isAllowed(path)) return whyHeld(step, path, backoff.tries(path));
  const { outcome, failure } = await attempt(step, options);
  const tries = backoff.note(path, failure && sentence(failure));
  onStep({ do: step.do, path, cause: step.cause, outcome, failure });
  const found = conflict(step, tries, config);
  if (found) onConflict(found);
  return outcome === 'overtaken' ? `"${path}" is being written by its owner` : tries.failure;
}

async function attempt(
  step: Step,
  { config, files, trial, signal }: Options,
): Promise<Pick<Taken, 'outcome' | 'failure'>> {
  try {
    const entry = wantedEntry(config);
    await take(step, config, { files, trial, entry, ...(signal && { signal }) });
    return { outcome: 'done', failure: undefined };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Overtaken) return { outcome: 'overtaken', failure: undefined };
    const failure = error instanceof Error ? error : new Error(String(error));
    return { outcome: 'failed', failure };
  }
}

function whyHeld(step: Step, path: string, tries: Tries | undefined): string {
  const { times = 0, failure } = tries ?? {};
  return (
    failure ?? `another agent keeps changing "${path}": ${step.cause}, ${times} times in a row`
  );
}

function conflict(
  step: Step,
  tries: Tries | undefined,
  config: InstallConfig,
): Conflict | undefined {
  if (!tries || tries.failure !== undefined || tries.times <= FREE_TRIES) return undefined;
  return { path: targetOf(step, config), cause: step.cause, times: tries.times };
}
