import { type Netns } from '../test/support/netns.ts';
import { type Command, type Run, time, timeTogether } from './command.ts';
import { type CaseName } from './measurement.ts';
import { createPods } from './pods.ts';
import { del, empty, meshedAdd, type Paths, unmeshedAdd, version } from './requests.ts';
import { countRules, type Restores } from './restores.ts';

/** What the rounds share. */
export interface Bench {
  readonly paths: Paths;
  readonly restores: Restores;
}

/** One command per case, and the pod that is to hold the rules afterwards. */
export interface Round {
  readonly commands: readonly (readonly [CaseName, Command])[];
  readonly meshed: Netns;
}

/** @param previous the pod of another round, for DEL */
export async function prepareRound({ paths, restores }: Bench, previous: Netns): Promise<Round> {
  const [unmeshed, meshed, restored] = await createPods(3);
  if (!unmeshed || !meshed || !restored) throw new Error('cannot create pods: expected three');
  return {
    meshed,
    commands: [
      ['empty', empty(paths)],
      ['VERSION', version(paths)],
      ['un-meshed ADD', unmeshedAdd(unmeshed, paths)],
      ['meshed ADD', meshedAdd(meshed, paths)],
      ['DEL', del(previous, paths)],
      ['restores', restores.command(restored)],
    ],
  };
}

/** Runs each once, every round in another order, so that none always follows the same neighbour. */
export function runRound(
  { commands, meshed }: Round,
  round: number,
  { paths, restores }: Bench,
): [CaseName, Run][] {
  const shift = round % commands.length;
  time(empty(paths)); // wakes the processor, which slept while the pods were made
  return [...commands.slice(shift), ...commands.slice(0, shift)]
    .map(([name, command]): [CaseName, Run] => [name, time(command)])
    .map(([name, run]) => [name, name === 'meshed ADD' ? verified(run, [meshed], restores) : run]);
}

/** Twenty pods that start together, as after a reboot of the node. */
export async function runBurst({ paths, restores }: Bench): Promise<Run> {
  const pods = await createPods(20);
  const run = await timeTogether(pods.map((pod) => meshedAdd(pod, paths)));
  return verified(run, pods, restores);
}

/** A pod with an attachment, which no measurement has made. */
export async function addPod({ paths, restores }: Bench): Promise<Netns> {
  const [pod] = await createPods(1);
  if (!pod) throw new Error('cannot create a pod');
  const { failure } = verified(time(meshedAdd(pod, paths)), [pod], restores);
  if (failure !== undefined) throw new Error(`cannot ADD a meshed pod: ${failure}`);
  return pod;
}

function verified(run: Run, pods: readonly Netns[], { rules }: Restores): Run {
  const wrong = pods.map((pod) => countRules(pod)).filter((found) => found !== rules);
  if (run.failure !== undefined || wrong.length === 0) return run;
  return { ...run, failure: `expected ${rules} rules, found ${wrong.join(', ')}` };
}
