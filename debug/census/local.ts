import { dirname } from 'node:path';
import { readBackend } from '../../agent/backend.ts';
import { createCensus } from '../../agent/census/census.ts';
import { openEyes } from '../../agent/census/look/look.ts';
import { createLocate } from '../../agent/census/netns/locate.ts';
import { createRecords } from '../../agent/census/records.ts';
import { type CensusReport } from '../../agent/census/report.ts';
import { readFacts } from '../../agent/disk.ts';
import { variable } from '../place.ts';
import { type Io } from '../command.ts';

/**
 * A census without an agent, of the pods that it has written down.
 *
 * @throws {AggregateError} where no system call can be made
 */
export async function takeCensus({ env, place }: Io): Promise<CensusReport> {
  const { stateDir, binDir, toolsDir } = place;
  const facts = await readFacts(`${stateDir}/pods`);
  const choice = await readBackend(stateDir);
  const records = createRecords(stateDir);
  const census = createCensus({
    pods: () => facts.map(({ pod }) => pod),
    createLocate: () =>
      createLocate({
        records,
        resultsDir: variable(env, 'SLUICE_CNI_RESULTS_DIR'),
        procDir: variable(env, 'SLUICE_PROC_DIR'),
      }),
    eyes: openEyes([stateDir, binDir, dirname(process.execPath), '/run', '/tmp'], { toolsDir }),
    backend: () => choice?.backend,
    onState: () => undefined,
    onStates: () => undefined,
    onReport: () => undefined,
    periodMs: 0,
  });
  return census.take();
}
