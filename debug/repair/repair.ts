import { type Pod } from '../../agent/pod.ts';
import { type LocalCensus, openCensus } from '../census/local.ts';
import { columns } from '../columns.ts';
import {
  type Arguments,
  type Command,
  CommandError,
  couldNotTell,
  ExitCode,
  type Io,
  usageError,
} from '../command.ts';
import { findPod, knownPods, parsePodName, type PodName } from '../pods.ts';
import { type Style } from '../style.ts';
import { meansOf } from './means.ts';
import { repairPod, type Repaired } from './onepod.ts';

export const command: Command = {
  usage: '<namespace>/<pod>|--all [--dry-run] [--cut-connections]',
  example: 'sluice repair --all --dry-run',
  description:
    'Programs in the netns of a running pod what is missing there, as its ADD would have: both families or nothing,\n' +
    'read back from the kernel. No pod is deleted or restarted. Works beside the agent, which does the same by\n' +
    'itself, and without it.',
  options: {
    all: { type: 'boolean', meaning: 'each pod of this node that needs it' },
    'dry-run': { type: 'boolean', meaning: 'tell what would be done, and change nothing' },
    'cut-connections': {
      type: 'boolean',
      meaning: 'end the connections that were opened past the proxy; else they are only counted',
    },
  },
  offers: 'pods',
  run: async (args, io) => {
    const wanted = wantedOf(args);
    const census = await openCensus(io).catch((cause: unknown) => {
      if (cause instanceof CommandError) throw cause;
      throw couldNotTell('cannot look into any netns', cause);
    });
    const pods = await chosen(wanted, census, io);
    const means = meansOf(census, io, { cutConnections: args.flag('cut-connections') });
    const repaired: Repaired[] = [];
    for (const pod of pods) {
      if (io.signal.aborted) break;
      repaired.push(await repairPod(pod, means, args.flag('dry-run') ? 'tell' : 'act'));
    }
    return {
      exitCode: exitCodeOf(repaired),
      value: { dryRun: args.flag('dry-run'), pods: repaired },
      text: (style) => render(repaired, style),
    };
  },
};

/** @throws {CommandError} `usage` */
function wantedOf({ positionals: [text], flag }: Arguments): PodName | 'all' {
  if (!flag('all')) return parsePodName(text);
  if (text === undefined) return 'all';
  throw usageError(`cannot repair "${text}" and all: wanted one of both`);
}

async function chosen(
  wanted: PodName | 'all',
  { pods }: Pick<LocalCensus, 'pods'>,
  { place }: Io,
): Promise<readonly Pod[]> {
  if (wanted === 'all') return pods;
  const known = findPod(await knownPods(place), wanted);
  const found = pods.filter(
    ({ metadata }) => metadata.namespace === known.namespace && metadata.name === known.name,
  );
  if (found.length > 0) return found;
  throw couldNotTell(
    `cannot repair pod "${known.namespace}/${known.name}": nobody had told of it when this command began`,
  );
}

function exitCodeOf(repaired: readonly Repaired[]): ExitCode {
  const actions = repaired.map(({ action }) => action);
  if (actions.some((action) => ['would-program', 'failed', 'no-cure'].includes(action))) {
    return ExitCode.problem;
  }
  return actions.includes('refused') || actions.includes('unknown')
    ? ExitCode.unknown
    : ExitCode.fine;
}

function render(repaired: readonly Repaired[], style: Style): string {
  const marks: Readonly<Record<Repaired['action'], string>> = {
    none: style.good('right already'),
    'would-program': style.odd('would be programmed'),
    programmed: style.good('programmed'),
    'no-cure': style.bad('no cure'),
    refused: style.odd('refused'),
    failed: style.bad('failed'),
    gone: style.dim('gone'),
    unknown: style.odd('could not tell'),
  };
  const rows = repaired.map(({ namespace, name, action, message }) => [
    `${namespace}/${name}`,
    marks[action],
    message,
  ]);
  return rows.length === 0 ? 'this node has no pods\n' : columns(rows);
}
