import { readFacts } from '../../agent/disk.ts';
import { createLocate, type Places } from '../../agent/census/netns/locate.ts';
import { type Pod } from '../../agent/pod.ts';
import { VARIABLES } from '../../agent/variables.ts';
import { type Netns, openNetns } from '../../cni/kernel/netns.ts';
import { listRecords } from '../../cni/record.ts';
import { couldNotTell, type Io } from '../command.ts';
import { type KnownPod, nameOf } from '../pods.ts';
import { podByRecord } from './recorded.ts';

/**
 * Opens the netns of a pod; the caller closes it.
 *
 * @throws {CommandError} `unknown` when there is none to be found
 */
export async function openPodNetns(known: KnownPod, io: Io): Promise<Netns> {
  const pod = await podOf(known, io);
  const found = pod && (await createLocate(places(io))(pod));
  if (found) return found.netns;
  const hint =
    'neither the record of its ADD, the results of the runtime nor a process lead to one';
  throw couldNotTell(`cannot find the netns of pod "${nameOf(known)}": ${hint}`);
}

/** @throws {CommandError} `unknown` */
export function openNamedNetns(path: string): Netns {
  try {
    return openNetns(path);
  } catch (cause) {
    throw couldNotTell(`cannot look into netns "${path}"`, cause);
  }
}

function places({ env, place }: Io): Places {
  const text = (name: 'SLUICE_PROC_DIR' | 'SLUICE_CNI_RESULTS_DIR'): string =>
    env[name] ?? VARIABLES[name].fallback;
  return {
    records: () => listRecords(place.stateDir),
    procDir: text('SLUICE_PROC_DIR'),
    resultsDir: text('SLUICE_CNI_RESULTS_DIR'),
  };
}

/** As the agent knows it, else as far as its ADD has named it. */
async function podOf(known: KnownPod, { place }: Io): Promise<Pod | undefined> {
  const { namespace, name, record } = known;
  const facts = await readFacts(`${place.stateDir}/pods`);
  const fact = facts.find(
    ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
  );
  return fact ? fact.pod : record && podByRecord(record);
}
