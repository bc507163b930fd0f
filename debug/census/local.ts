import { readBackend } from '../../agent/backend.ts';
import { type Census, createCensus } from '../../agent/census/census.ts';
import { expectedOf } from '../../agent/census/expected.ts';
import { openEyes } from '../../agent/census/look/look.ts';
import { createLocate, type Locate } from '../../agent/census/netns/locate.ts';
import { createRecords } from '../../agent/census/records.ts';
import { readFacts } from '../../agent/disk.ts';
import { type Pod } from '../../agent/pod.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Io } from '../command.ts';
import { expectNoPods } from '../live/nopods.ts';
import { type RecordedPod, recordedPods } from '../live/recorded.ts';
import { readOwnEntry } from '../ownentry.ts';
import { mappable, toolsOf, variable } from '../place.ts';

/** What a census of the agent has, without one. */
export interface LocalCensus extends Pick<Census, 'take' | 'look'> {
  /** As the agent has written them down; those that it has not, as their ADDs have. */
  readonly pods: readonly Pod[];
  readonly backend: Backend | undefined;
  readonly createLocate: () => Locate;
  /** Where koffi may be mapped from. */
  readonly directories: readonly string[];
}

/**
 * @throws {CommandError} `unknown` where nobody has told which pods there are
 * @throws {AggregateError} where no system call can be made
 */
export async function openCensus(io: Io): Promise<LocalCensus> {
  const { env, place } = io;
  const { stateDir } = place;
  const records = createRecords(stateDir);
  const facts = await readFacts(`${stateDir}/pods`);
  const recorded = recordedPods(records(), facts);
  const pods = [...facts, ...recorded].map(({ pod }) => pod);
  if (pods.length === 0) await expectNoPods(io);
  const backend = (await readBackend(stateDir))?.backend;
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
    expected: expectedWith(recorded),
    onState: () => undefined,
    onStates: () => undefined,
    onReport: () => undefined,
    periodMs: 0,
  });
  return { take, look, pods, backend, createLocate: locate, directories };
}

/** Of a pod that only its ADD has told of, nothing is known where that has ended before it knew. */
function expectedWith(recorded: readonly RecordedPod[]): typeof expectedOf {
  const records = new Map(recorded.map(({ pod, record }) => [pod, record]));
  return (pod, located, excludeNamespaces) => {
    const record = located ?? records.get(pod);
    if (records.has(pod) && record?.decision === undefined && record?.facts === undefined) {
      const why = 'its ADD did not get to a decision, `explain` says why';
      return Promise.resolve({ action: 'unknown', why });
    }
    return expectedOf(pod, record, excludeNamespaces);
  };
}
