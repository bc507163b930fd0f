import { readBackend } from '../../agent/backend.ts';
import { type Census, createCensus } from '../../agent/census/census.ts';
import { openEyes } from '../../agent/census/look/look.ts';
import { createLocate, type Locate } from '../../agent/census/netns/locate.ts';
import { createRecords } from '../../agent/census/records.ts';
import { type CensusReport } from '../../agent/census/report.ts';
import { readFacts } from '../../agent/disk.ts';
import { type Pod } from '../../agent/pod.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Io } from '../command.ts';
import { readOwnEntry } from '../ownentry.ts';
import { mappable, toolsOf, variable } from '../place.ts';

/** What a census of the agent has, without one. */
export interface LocalCensus extends Pick<Census, 'take' | 'look'> {
  /** As the agent has written them down. */
  readonly pods: readonly Pod[];
  readonly backend: Backend | undefined;
  readonly createLocate: () => Locate;
  /** Where koffi may be mapped from. */
  readonly directories: readonly string[];
}

/** @throws {AggregateError} where no system call can be made */
export async function openCensus({ env, place }: Io): Promise<LocalCensus> {
  const { stateDir } = place;
  const pods = (await readFacts(`${stateDir}/pods`)).map(({ pod }) => pod);
  const backend = (await readBackend(stateDir))?.backend;
  const records = createRecords(stateDir);
  const resultsDir = variable(env, 'SLUICE_CNI_RESULTS_DIR');
  const procDir = variable(env, 'SLUICE_PROC_DIR');
  const locate = (): Locate => createLocate({ records, resultsDir, procDir });
  const directories = mappable(place);
  const { take, look } = createCensus({
    pods: () => pods,
    createLocate: locate,
    eyes: openEyes(directories, { toolsDir: toolsOf(place) }),
    backend: () => backend,
    excludeNamespaces: (await readOwnEntry(place)).config.excludeNamespaces,
    onState: () => undefined,
    onStates: () => undefined,
    onReport: () => undefined,
    periodMs: 0,
  });
  return { take, look, pods, backend, createLocate: locate, directories };
}

/** A census without an agent. @throws {AggregateError} where no system call can be made */
export async function takeCensus(io: Io): Promise<CensusReport> {
  return (await openCensus(io)).take();
}
