import { columns } from '../columns.ts';
import { type Command, couldNotTell, ExitCode, usageError } from '../command.ts';
import { nameOf } from '../pods.ts';
import { type Style } from '../style.ts';
import { podName } from './calls.ts';
import { readEntries } from './entries.ts';
import { hasProblem } from './problem.ts';
import { entrySummary, type RepairSummary } from './repairs.ts';
import { callsOf } from './select.ts';
import { type Summary } from './summary.ts';

const DEFAULT_LIMIT = 20;

export const command: Command = {
  usage: '[<namespace>/<pod>]',
  example: 'sluice history default/web-0',
  description: [
    'Lists the last ADDs and repairs of this node, newest first: what was decided or done, why, and how long it took.',
    'ADDs of pods that are gone, and those that failed before their pod was known, are those that the agent was told of.',
    'Needs neither agent nor API server. Exit code 1 if the last ADD of a pod failed or never finished, or a repair',
    'after it, of the last hour, did not succeed: an older one does not say how the pod is now.',
  ].join('\n'),
  options: {
    limit: {
      type: 'string',
      short: 'n',
      value: '<count>',
      meaning: `at most so many; ${DEFAULT_LIMIT} by default`,
    },
  },
  offers: 'pods',
  run: async ({ positionals: [pod], text }, { place }) => {
    const limit = countOf(text('limit'));
    const all = await readEntries(place.stateDir);
    const entries = pod === undefined ? all : callsOf(pod, all);
    if (all.length === 0)
      throw couldNotTell(`cannot find any ADD in "${place.stateDir}": none was recorded yet`);
    const value = { calls: entries.slice(0, limit).map(entrySummary), known: entries.length };
    const exitCode = hasProblem(value.calls) ? ExitCode.problem : ExitCode.fine;
    return { exitCode, value, text: (style) => render(value, style) };
  },
};

type Entry = Summary | RepairSummary;

function countOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw usageError(`cannot use --limit "${text}": expected a number from 1`);
}

function render(
  { calls, known }: { readonly calls: readonly Entry[]; readonly known: number },
  style: Style,
): string {
  const head = ['CALL', 'KIND', 'STARTED', 'POD', 'OUTCOME', 'MS', 'WHY'].map(style.bold);
  const more = known - calls.length;
  const rest = more > 0 ? style.dim(`and ${more} before them (--limit)\n`) : '';
  return columns([head, ...calls.map((call) => row(call, style))]) + rest;
}

function row(entry: Entry, style: Style): string[] {
  const when = entry.startedAt.replace(/\.\d+Z$/, 'Z');
  const ms = String(entry.ms);
  if (entry.kind === 'repair') {
    const { pod, outcome, mode, found, message } = entry;
    const paint = outcome === 'done' ? style.good : style.bad;
    return ['-', 'repair', when, nameOf(pod), paint(outcome), ms, `${mode}: ${message || found}`];
  }
  const { id, pod, containerId, outcome, current } = entry;
  const name = podName({ pod, containerId: containerId.slice(0, 12) });
  const isBad = outcome === 'failed' || outcome === 'pending';
  const paint = isBad ? style.bad : outcome === 'redirected' ? style.good : style.dim;
  const gone = current ? '' : style.dim(' (gone)');
  return [id, 'add', when, name + gone, paint(outcome), ms, whyOf(entry)];
}

function whyOf({ reason, code, backend, families, source, warnings }: Summary): string {
  const how = [backend, families.join('+'), source && `facts from ${source}`];
  const said = reason ?? how.filter(Boolean).join(', ');
  const error = code === undefined ? '' : `code ${code}: `;
  const count =
    warnings.length === 0 ? '' : ` [${warnings.length} warning${warnings.length === 1 ? '' : 's'}]`;
  return error + said + count;
}
