import { isObject } from '../../cni/facts/json.ts';
import { type CensusReport, type ReportedPod } from '../../agent/census/report.ts';
import { type Answer, askAgent } from '../askagent.ts';
import { columns } from '../columns.ts';
import { type Command, couldNotTell, ExitCode, type Io } from '../command.ts';
import { type Style } from '../style.ts';
import { takeCensus } from './local.ts';

/** A census, and who took it. */
interface Told extends CensusReport {
  readonly by: 'agent' | 'command';
}

/** Long enough for a node full of pods that all hold something else. */
const CENSUS_MS = 60_000;

export const command: Command = {
  usage: '[--problems]',
  example: 'sluice census --problems',
  description:
    'Each pod of this node, expected against actual, read back from its netns: which ones traffic passes by,\n' +
    'which ones are captured without being meshed, which rules have changed since. The agent takes it; where it\n' +
    'does not answer, this command does, of the pods that the agent has written down.',
  options: {
    problems: { type: 'boolean', meaning: 'leave out the pods that are as they should be' },
  },
  offers: [],
  run: async ({ flag }, io) => {
    const told = await take(io);
    const findings = told.pods.flatMap((pod) => pod.findings);
    const onlyUnknown = findings.every(({ kind }) => kind === 'unknown');
    const worst = onlyUnknown ? ExitCode.unknown : ExitCode.problem;
    const shown = told.pods.filter((pod) => !flag('problems') || pod.findings.length > 0);
    return {
      exitCode: findings.length === 0 ? ExitCode.fine : worst,
      value: { ...told, pods: shown },
      text: (style) => render(told, shown, style),
    };
  },
};

async function take(io: Io): Promise<Told> {
  const answer = await askAgent('POST /v1/census', io, CENSUS_MS).catch((error: unknown) => {
    if (io.signal.aborted) throw error;
    return error instanceof Error ? error : new Error(String(error));
  });
  if (!(answer instanceof Error)) return { ...reportOf(answer), by: 'agent' };
  try {
    return { ...(await takeCensus(io)), by: 'command' };
  } catch (cause) {
    const message = `cannot take a census: ${answer.message}, and this command cannot look itself`;
    throw couldNotTell(message, cause);
  }
}

function reportOf({ status, body }: Answer): CensusReport {
  if (status === 200 && isReport(body)) return body;
  throw couldNotTell(`cannot read the census of the agent: it answers with status ${status}`);
}

/** Its own release wrote it, whole. */
function isReport(body: unknown): body is CensusReport {
  return isObject(body) && typeof body.at === 'string' && Array.isArray(body.pods);
}

function render(
  { at, seconds, by, pods }: Told,
  shown: readonly ReportedPod[],
  style: Style,
): string {
  const wrong = pods.filter(({ findings }) => findings.length > 0).length;
  const sum =
    wrong === 0 ? style.good('all as they should be') : style.bad(`${wrong} not as they should be`);
  const who = by === 'agent' ? 'the agent' : 'this command, as the agent does not answer';
  return [
    `${style.bold(String(pods.length))} pods, ${sum}\n`,
    style.dim(`  at ${at} by ${who}, in ${seconds.toFixed(2)} s\n`),
    shown.length === 0 ? '' : '\n',
    columns(shown.flatMap((pod) => rows(pod, style))),
  ].join('');
}

function rows(
  { namespace, name, expected, reason, actual, findings }: ReportedPod,
  style: Style,
): string[][] {
  const paint = findings.length === 0 ? style.good : style.bad;
  const wanted = { redirect: 'redirected', skip: 'left alone', unknown: 'unknown' }[expected];
  return [
    [
      `  ${namespace}/${name}`,
      `expected: ${wanted}`,
      `actual: ${paint(actual)}`,
      style.dim(reason ?? ''),
    ],
    ...findings.map(({ sentence }) => [`    ${sentence}`]),
  ];
}
