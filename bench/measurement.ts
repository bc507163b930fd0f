import { median } from './statistics.ts';

/** What is measured, in the order of the report. */
export const CASES = [
  'empty',
  'VERSION',
  'un-meshed ADD',
  'meshed ADD',
  'DEL',
  'restores',
  '20 meshed ADDs at once',
] as const;
export type CaseName = (typeof CASES)[number];

export interface Measurement {
  /** One per round, from the start of the process to its end. */
  readonly ms: readonly number[];
  /** Processes that the measured one starts, at any depth; in a run of its own, under strace. */
  readonly children: number | undefined;
  /** The largest resident set of the process and its children, in MB; in a run of its own. */
  readonly rssMb: number | undefined;
  /** Runs that ended with an error, or left a netns without its rules. */
  readonly failures: number;
}

export type Measurements = ReadonlyMap<CaseName, Measurement>;

/** What must hold. Times are ratios: machines differ, and so does one machine from hour to hour. */
export interface Target {
  readonly text: string;
  readonly found: string;
  readonly reached: boolean;
}

export function targets(all: Measurements): Target[] {
  const ms = (name: CaseName): number => median(of(all, name).ms);
  const children = (name: CaseName): number | undefined => of(all, name).children;
  const failures = (name: CaseName): number => of(all, name).failures;
  const meshed = ms('meshed ADD') - ms('VERSION');
  const [alone, burst] = [CASES.slice(0, -1), CASES.slice(-1)];
  const sum = (names: readonly CaseName[]): number =>
    names.map(failures).reduce((total, count) => total + count, 0);
  return [
    atMost('VERSION / empty', ms('VERSION') / ms('empty'), 1.15),
    atMost('un-meshed ADD / VERSION', ms('un-meshed ADD') / ms('VERSION'), 1.15),
    atMost('(meshed ADD - VERSION) / restores', meshed / ms('restores'), 2.5),
    atMost('processes started by an un-meshed ADD', children('un-meshed ADD'), 0),
    atMost('processes started by a meshed ADD', children('meshed ADD'), 4),
    atMost('failures, one at a time', sum(alone), 0),
    atMost('failures, 20 at once', sum(burst), 0),
  ];
}

/** @throws {RangeError} when it was not measured */
export function of(all: Measurements, name: CaseName): Measurement {
  const found = all.get(name);
  if (found === undefined) throw new RangeError(`cannot report "${name}": it was not measured`);
  return found;
}

function atMost(what: string, found: number | undefined, limit: number): Target {
  return {
    text: `${what}: at most ${limit}`,
    found: found?.toFixed(Number.isInteger(found) ? 0 : 2) ?? 'not measured',
    reached: found !== undefined && found <= limit,
  };
}
