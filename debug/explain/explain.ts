import { type FactsSource } from '../../cni/facts/source.ts';
import { readFromAgent } from '../../cni/facts/agent.ts';
import { parsePod, type PodFacts } from '../../cni/redirect/pod.ts';
import { type Command, CommandError, couldNotTell, ExitCode, type Io } from '../command.ts';
import { type OwnEntry, readOwnEntry } from '../ownentry.ts';
import { findPod, type KnownPod, knownPods, parsePodName, type PodName } from '../pods.ts';
import { type Explanation, explainPod, explainRecord, type Told } from './explanation.ts';
import { whereGone } from './gone.ts';
import { renderExplanation } from './text.ts';

const ASK_MS = 1_000;

export const command: Command = {
  usage: '<namespace>/<pod>',
  example: 'sluice explain default/web-0',
  description:
    'Why a pod of this node is redirected as it is, or not at all: each question of the decision, each setting\n' +
    'with its source, what has no effect, each rule. From the record of its ADD, else from what the agent knows\n' +
    'or last wrote to disk: neither the agent nor the API server has to run.',
  options: {},
  offers: 'pods',
  run: async ({ positionals: [text] }, io) => {
    const explained = await explain(parsePodName(text), await readOwnEntry(io.place), io);
    return {
      exitCode: isFine(explained) ? ExitCode.fine : ExitCode.problem,
      value: explained,
      text: (style) => renderExplanation(explained, style),
    };
  },
};

/** A pod that would be redirected and has no ADD on record is a problem: nobody knows of rules in its netns. */
function isFine({ verdict }: Explanation): boolean {
  return ['redirected', 'skipped', 'would-skip'].includes(verdict);
}

async function explain(wanted: PodName, { config }: OwnEntry, io: Io): Promise<Explanation> {
  const known = found(await knownPods(io.place), wanted);
  if (!(known instanceof Error) && known.record) return explainRecord(known.record, config);
  const { pod, told } = await ask(wanted, known, io);
  return explainPod(pod, config, told);
}

function found(pods: readonly KnownPod[], wanted: PodName): KnownPod | CommandError {
  try {
    return findPod(pods, wanted);
  } catch (error) {
    // The agent may know a pod that it has not written down yet.
    if (error instanceof CommandError && error.exitCode === ExitCode.unknown) return error;
    throw error;
  }
}

async function ask(
  wanted: PodName,
  known: KnownPod | CommandError,
  { place, signal }: Io,
): Promise<{ readonly pod: PodFacts; readonly told: Told }> {
  const { namespace, name } = known instanceof Error ? wanted : known;
  const ref = { namespace: namespace ?? 'default', name, uid: undefined };
  try {
    const limits = { timeoutMs: ASK_MS, signal };
    const { pod, observedAt, source } = await readFromAgent(place.agentSocket, ref, limits);
    return { pod: parsePod(pod), told: toldBy(source, observedAt) };
  } catch (cause) {
    if (known instanceof Error) {
      throw couldNotTell((await whereGone(place.stateDir, wanted)) ?? known.message, cause);
    }
    if (!known.fact)
      throw couldNotTell(`cannot learn about pod "${known.namespace}/${name}"`, cause);
    const { pod, observedAt } = known.fact;
    return { pod, told: { by: 'disk', at: observedAt } };
  }
}

function toldBy(source: FactsSource, at: string | undefined): Told {
  const by = source === 'agent/disk' ? 'disk' : 'agent';
  return at === undefined ? { by } : { by, at };
}
