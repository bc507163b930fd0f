import { type ExitCode as Code, ExitCode, type Io } from '../command.ts';
import { columns } from '../columns.ts';
import { type Style } from '../style.ts';

/** What a look at one thing told. */
export interface Finding {
  readonly verdict: 'fine' | 'warning' | 'problem' | 'unknown';
  readonly says: string;
  /** What to do about it. */
  readonly next?: string;
  /** For programs, what `says` says in words. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Outcome extends Finding {
  readonly id: string;
}

/** One look, which changes nothing on the node. */
export type Look = (io: Io) => Promise<Finding> | Finding;

/** Looks in the order of the table; what throws could not be told. */
export async function look(looks: Readonly<Record<string, Look>>, io: Io): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [id, each] of Object.entries(looks)) {
    try {
      outcomes.push({ id, ...(await each(io)) });
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      outcomes.push({ id, verdict: 'unknown', says });
    }
  }
  return outcomes;
}

export function fine(says: string): Finding {
  return { verdict: 'fine', says };
}

export function exitCodeOf(outcomes: readonly Outcome[]): Code {
  const verdicts = outcomes.map(({ verdict }) => verdict);
  if (verdicts.includes('problem')) return ExitCode.problem;
  return verdicts.includes('unknown') ? ExitCode.unknown : ExitCode.fine;
}

export function renderOutcomes(outcomes: readonly Outcome[], style: Style): string {
  const marks = {
    fine: style.good('ok'),
    warning: style.odd('warning'),
    problem: style.bad('problem'),
    unknown: style.odd('unknown'),
  };
  return columns(
    outcomes.flatMap(({ id, verdict, says, next }) => [
      [`  ${marks[verdict]}`, id, says],
      ...(next === undefined ? [] : [['', '', style.dim(`→ ${next}`)]]),
    ]),
  );
}
