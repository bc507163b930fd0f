import { join } from 'node:path';
import { type Command, type Run } from './command.ts';
import { CASES, type CaseName, type Measurements } from './measurement.ts';
import { createPeer } from './pods.ts';
import { countChildren, measureRss } from './processes.ts';
import { install, type Paths } from './requests.ts';
import { createRestores } from './restores.ts';
import { addPod, type Bench, prepareRound, runBurst, runRound } from './rounds.ts';

export interface Options {
  readonly rounds: number;
  /** Everything that is written goes here. */
  readonly folder: string;
  readonly paths: Paths;
  /** Called between what is measured; may throw to end it. */
  readonly step: (text: string) => void;
}

const WARM_UP = 3;

/** Measures everything. This process sleeps while something runs, so the agent must live elsewhere. */
export async function measure({ rounds, folder, paths, step }: Options): Promise<Measurements> {
  install(paths);
  await createPeer();
  const bench: Bench = { paths, restores: await createRestores(folder) };
  const runs = new Map<CaseName, Run[]>(CASES.map((name) => [name, []]));
  let previous = await addPod(bench);

  step(`${rounds} rounds of each, one after the other`);
  for (let number = 0; number < WARM_UP + rounds; number++) {
    if (number % 10 === 0 && number > 0) step(`  ${number} rounds done`);
    const round = await prepareRound(bench, previous);
    const measured = runRound(round, number, bench);
    if (number >= WARM_UP) for (const [name, run] of measured) runs.get(name)?.push(run);
    previous = round.meshed;
  }

  const bursts = Math.ceil(rounds / 5);
  step(`${bursts} times 20 meshed ADDs at once`);
  for (let burst = 0; burst < bursts; burst++) {
    runs.get('20 meshed ADDs at once')?.push(await runBurst(bench));
  }

  step('counting processes, measuring memory');
  return summary(runs, {
    children: await each(bench, (command) => countChildren(command, join(folder, 'trace'))),
    rssMb: await each(bench, (command) => measureRss(command, join(folder, 'rss'))),
    say: step,
  });
}

/** In a round of their own: tracing makes everything slow. */
async function each(
  bench: Bench,
  find: (command: Command) => number,
): Promise<Map<CaseName, number>> {
  const { commands } = await prepareRound(bench, await addPod(bench));
  return new Map(commands.map(([name, command]) => [name, find(command)]));
}

function summary(
  runs: ReadonlyMap<CaseName, readonly Run[]>,
  {
    children,
    rssMb,
    say,
  }: { children: Map<CaseName, number>; rssMb: Map<CaseName, number>; say: Options['step'] },
): Measurements {
  return new Map(
    [...runs].map(([name, list]) => {
      const failures = list.flatMap(({ failure }) => failure ?? []);
      for (const failure of failures) say(`${name}: ${failure}`);
      const ms = list.map((run) => run.ms);
      return [
        name,
        { ms, children: children.get(name), rssMb: rssMb.get(name), failures: failures.length },
      ];
    }),
  );
}
