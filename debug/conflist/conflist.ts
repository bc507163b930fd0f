import { columns } from '../columns.ts';
import { type Command, ExitCode, type Place } from '../command.ts';
import { type Style } from '../style.ts';
import { diagnose } from './diagnose.ts';
import { type Finding } from './finding.ts';
import { loadedBy } from './loaded.ts';
import { type Listed, type Observation, observeConflists, pluginsIn } from './observe.ts';

export const command: Command = {
  usage: '',
  example: 'sluice conflist -o json',
  description: [
    'Tells which network configuration the runtime loads and why, where our entry stands in it, and what is wrong:',
    'torn files, entries in files that are not loaded, missing executables, other meshes, copies that were left.',
    'Changes nothing: the agent puts right what is ours, and `uninstall` removes it. Exit code 1 if pods suffer.',
  ].join('\n'),
  options: {},
  offers: [],
  run: async (_, { place }) => {
    const value = told(await observeConflists(place), place);
    const isBad = value.findings.some(({ severity }) => severity === 'problem');
    return {
      exitCode: isBad ? ExitCode.problem : ExitCode.fine,
      value,
      text: (style) => render(value, style),
    };
  },
};

interface Value {
  readonly netDir: string;
  readonly binDir: string;
  readonly files: readonly FileValue[];
  readonly loaded: LoadedValue | undefined;
  readonly findings: readonly Finding[];
}

interface FileValue {
  readonly name: string;
  readonly is: 'list' | 'single' | 'broken';
  readonly network: string | undefined;
  readonly plugins: readonly string[];
  readonly problem: string | undefined;
  readonly changedAt: string | undefined;
  readonly mode: string | undefined;
}

interface LoadedValue {
  readonly file: string;
  readonly why: string;
  readonly network: string;
  /** In the order of an ADD. */
  readonly plugins: readonly { readonly type: string; readonly from: string }[];
  readonly position: number;
}

function told(observation: Observation, { netDir, binDir }: Place): Value {
  const loaded = loadedBy(observation);
  const count = observation.files.length;
  const why = count === 1 ? 'it is the only one' : `its name sorts first of ${count}`;
  return {
    netDir,
    binDir,
    files: observation.files.map(fileValue),
    loaded: loaded && {
      file: loaded.file.name,
      why,
      network: loaded.network,
      plugins: loaded.plugins.map(({ type, from }) => ({ type, from })),
      position: loaded.position,
    },
    findings: diagnose(observation),
  };
}

function fileValue({ name, text = '', configuration, changedAt, mode }: Listed): FileValue {
  const isBroken = configuration.is === 'broken';
  return {
    name,
    is: configuration.is,
    network: isBroken ? undefined : configuration.name,
    plugins: isBroken ? [] : pluginsIn(text).map(({ type }) => type),
    problem: isBroken ? configuration.problem : undefined,
    changedAt,
    mode,
  };
}

function render({ netDir, files, loaded, findings }: Value, style: Style): string {
  const rows = files.map((file) => fileRow(file, file.name === loaded?.file, style));
  const position =
    loaded &&
    (loaded.position === 0
      ? style.bad('not there')
      : `plugin ${loaded.position} of ${loaded.plugins.length}`);
  const facts = loaded
    ? `The runtime loads ${style.bold(loaded.file)}: ${loaded.why}. Our entry: ${position ?? ''}.\n`
    : `The runtime loads ${style.bad('nothing')}.\n`;
  const said = findings.map((each) => renderFinding(each, style));
  return [
    `${style.bold(netDir)}\n`,
    columns(rows),
    '\n',
    facts,
    ...(said.length > 0 ? ['\n', ...said] : []),
  ].join('');
}

function fileRow(
  { name, is, network, plugins, problem, changedAt }: FileValue,
  isLoaded: boolean,
  style: Style,
): string[] {
  const what =
    is === 'broken' ? style.bad(problem ?? '') : `${network ?? ''}: ${plugins.join(' → ')}`;
  const when = changedAt?.replace(/\.\d+Z$/, 'Z') ?? '';
  return [isLoaded ? '*' : ' ', name, when, what];
}

function renderFinding({ id, severity, message, next }: Finding, style: Style): string {
  const paint = { problem: style.bad, warning: style.odd, note: style.dim }[severity];
  return `${paint(severity)} ${id}: ${message}\n  → ${next}\n`;
}
