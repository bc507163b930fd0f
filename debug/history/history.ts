import { columns } from '../columns.ts';
import { type Command, couldNotTell, ExitCode, usageError } from '../command.ts';
import { type Style } from '../style.ts';
import { readCalls } from './calls.ts';
import { callsOf } from './select.ts';
import { hasProblem, type Summary, summaryOf } from './summary.ts';

const DEFAULT_LIMIT = 20;

export const command: Command = {
  usage: '[<namespace>/<pod>]',
  example: 'sluice history default/web-0',
  description: [
    'Lists the last ADDs of this node, newest first: what was decided, why, and how long it took.',
    'Those of pods that are gone are known as far as the agent has kept them. Needs neither agent nor API server.',
    'Exit code 1 if the last ADD of a pod failed or never finished.',
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
    const all = await readCalls(place.stateDir);
    const calls = pod === undefined ? all : callsOf(pod, all);
    if (all.length === 0)
      throw couldNotTell(`cannot find any ADD in "${place.stateDir}": none was recorded yet`);
    const value = { calls: calls.slice(0, limit).map(summaryOf), known: calls.length };
    const exitCode = hasProblem(value.calls) ? ExitCode.problem : ExitCode.fine;
    return { exitCode, value, text: (style) => render(value, style) };
  },
};

function countOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw usageError(`cannot use --limit "${text}": expected a number from 1`);
}

function render(
  { calls, known }: { readonly calls: readonly Summary[]; readonly known: number },
  style: Style,
): string {
  const head = ['CALL', 'STARTED', 'POD', 'OUTCOME', 'MS', 'WHY'].map(style.bold);
  const more = known - calls.length;
  const rest = more > 0 ? style.dim(`and ${more} before them (--limit)\n`) : '';
  return columns([head, ...calls.map((call) => row(call, style))]) + rest;
}

function row(call: Summary, style: Style): string[] {
  const { id, startedAt, pod, containerId, outcome, ms, current } = call;
  const name = pod ? `${pod.namespace}/${pod.name}` : containerId.slice(0, 12);
  const isBad = outcome === 'failed' || outcome === 'pending';
  const paint = isBad ? style.bad : outcome === 'redirected' ? style.good : style.dim;
  const gone = current ? '' : style.dim(' (gone)');
  const when = startedAt.replace(/\.\d+Z$/, 'Z');
  return [id, when, name + gone, paint(outcome), String(ms), whyOf(call)];
}

function whyOf({ reason, code, backend, families, source, warnings }: Summary): string {
  const how = [backend, families.join('+'), source && `facts from ${source}`];
  const said = reason ?? how.filter(Boolean).join(', ');
  const error = code === undefined ? '' : `code ${code}: `;
  const count =
    warnings.length === 0 ? '' : ` [${warnings.length} warning${warnings.length === 1 ? '' : 's'}]`;
  return error + said + count;
}
