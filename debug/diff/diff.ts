import { causes } from '../../cni/spec/error.ts';
import {
  type Arguments,
  type Command,
  CommandError,
  ExitCode,
  type Io,
  usageError,
} from '../command.ts';
import { expectNoPods } from '../live/nopods.ts';
import { type Subject, subjectOf } from '../live/subject.ts';
import { knownPods, nameOf } from '../pods.ts';
import { familyDiffs, isAsWanted } from './differences.ts';
import { type Diff, type PodDiff, renderDiff } from './text.ts';

export const command: Command = {
  usage: '<namespace>/<pod> | --all',
  example: 'sluice diff default/web-0',
  description:
    'Compares what the netns of a pod holds with what it is to hold: in order, in both families and both backends, with\n' +
    'the routes that TPROXY needs. Rules of others are named, with whoever may have made them; they are a problem where\n' +
    'they take traffic away in front of ours. Changes nothing: `repair` does.',
  options: { all: { type: 'boolean', meaning: 'every pod that this node knows' } },
  offers: 'pods',
  run: async (args, io) => {
    const pods = args.flag('all')
      ? await diffAll(args, io)
      : [await diff(await subjectOf(args, io))];
    const value: Diff = { pods };
    return { exitCode: exitCodeOf(pods), value, text: (style) => renderDiff(value, style) };
  },
};

async function diffAll(args: Arguments, io: Io): Promise<PodDiff[]> {
  if (args.positionals.length > 0) throw usageError('cannot compare both: wanted a pod or --all');
  const found: PodDiff[] = [];
  const pods = await knownPods(io.place);
  if (pods.length === 0) await expectNoPods(io);
  for (const pod of pods) {
    const subject = nameOf(pod);
    try {
      found.push(await diff(await subjectOf({ ...args, positionals: [subject] }, io)));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const why = [error.message, ...causes(error)].join(': ');
      found.push({ subject, verdict: 'could not tell', why, families: [], foreignTables: [] });
    }
  }
  return found;
}

async function diff({ name, wanted, live }: Subject): Promise<PodDiff> {
  if (!wanted)
    throw usageError('cannot compare a netns without a pod: nobody knows what it is to hold');
  const held = await live();
  const families = familyDiffs(wanted, held);
  return {
    subject: name,
    wanted: wanted.action === 'skip' ? 'left alone' : 'redirected',
    ...(wanted.action === 'skip' && { why: wanted.reason }),
    verdict: families.every(isAsWanted) ? 'as wanted' : 'different',
    families,
    foreignTables: held.foreignTables,
  };
}

function exitCodeOf(pods: readonly PodDiff[]): ExitCode {
  const verdicts = pods.map(({ verdict }) => verdict);
  if (verdicts.includes('different')) return ExitCode.problem;
  return verdicts.includes('could not tell') ? ExitCode.unknown : ExitCode.fine;
}
