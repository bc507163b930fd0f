import { isObject } from '../../cni/facts/json.ts';
import { type CensusReport, type ReportedPod } from '../../agent/census/report.ts';
import { type Answer, askAgent } from '../askagent.ts';
import { columns } from '../columns.ts';
import { type Command, CommandError, couldNotTell, ExitCode, type Io } from '../command.ts';
import { type Style } from '../style.ts';
import { openCensus } from './local.ts';

/** A census, and who took it. */
interface Told {
  readonly report: CensusReport;
  readonly by: 'agent' | 'command';
  /** `the agent` */
  readonly who: string;
}

/** Long enough for a node full of pods that all hold something else. */
const CENSUS_MS = 60_000;

export const command: Command = {
  usage: '[--problems]',
  example: 'sluice census --problems',
  description:
    'Each pod of this node, expected against actual, read back from its netns: which ones traffic passes by,\n' +
    'which ones are captured without being meshed, which rules have changed since. The agent takes it; where it\n' +
    'does not answer, or does not know its pods yet, this command does, of the pods that the agent has written down\n' +
    'and those that the records of their ADDs name.',
  options: {
    problems: { type: 'boolean', meaning: 'leave out the pods that are as they should be' },
  },
  offers: [],
  run: async ({ flag }, io) => {
    const told = await take(io);
    const { report, by } = told;
    const findings = report.pods.flatMap((pod) => pod.findings);
    const onlyUnknown = findings.every(({ kind }) => kind === 'unknown');
    const worst = onlyUnknown ? ExitCode.unknown : ExitCode.problem;
    const shown = report.pods.filter((pod) => !flag('problems') || pod.findings.length > 0);
    return {
      exitCode: findings.length === 0 ? ExitCode.fine : worst,
      value: { ...report, by, pods: shown },
      text: (style) => render(told, shown, style),
    };
  },
};

async function take(io: Io): Promise<Told> {
  const answer = await askAgent('POST /v1/census', io, CENSUS_MS).catch((error: unknown) => {
    if (io.signal.aborted) throw error;
    return error instanceof Error ? error : new Error(String(error));
  });
  if (answer instanceof Error) return takeItself(io, 'the agent does not answer', answer);
  const why = refusal(answer);
  if (why === undefined) return { report: reportOf(answer), by: 'agent', who: 'the agent' };
  return takeItself(io, 'the agent has not listed its pods yet', new Error(why));
}

async function takeItself(io: Io, why: string, cause: Error): Promise<Told> {
  const local = await openCensus(io).catch((error: unknown) => {
    if (error instanceof CommandError) throw error;
    const message = `cannot take a census: ${cause.message}, and this command cannot look itself`;
    throw couldNotTell(message, error);
  });
  return { report: await local.take(), by: 'command', who: `this command, as ${why}` };
}

/** What the agent says as long as nobody has told it which pods there are. */
function refusal({ status, body }: Answer): string | undefined {
  if (status !== 503 || !isObject(body) || !isObject(body.error)) return undefined;
  const { code, message } = body.error;
  return code === 'not-ready' && typeof message === 'string' ? message : undefined;
}

function reportOf({ status, body }: Answer): CensusReport {
  if (status === 200 && isReport(body)) return body;
  throw couldNotTell(`cannot read the census of the agent: it answers with status ${status}`);
}

/** Its own release wrote it, whole. */
function isReport(body: unknown): body is CensusReport {
  return isObject(body) && typeof body.at === 'string' && Array.isArray(body.pods);
}

function render({ report, who }: Told, shown: readonly ReportedPod[], style: Style): string {
  const { at, seconds, pods } = report;
  const wrong = pods.filter(({ findings }) => findings.length > 0).length;
  const sum =
    wrong === 0 ? style.good('all as they should be') : style.bad(`${wrong} not as they should be`);
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
