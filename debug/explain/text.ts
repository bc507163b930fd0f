import { clip } from '../../cni/redirect/quote.ts';
import { columns } from '../columns.ts';
import { type Style } from '../style.ts';
import { type Explanation, type Told } from './explanation.ts';
import { type Step } from './steps.ts';

/** An annotation can make thousands. */
const MOST_RULES = 100;

/** An explanation as a person reads it. */
export function renderExplanation(explained: Explanation, style: Style): string {
  const from = style.dim(`  ${origin(explained.told)}\n`);
  return `${headline(explained, style)}\n${from}${renderParts(explained, style)}`;
}

/** What stands below the headline. */
export function renderParts(explained: Explanation, style: Style): string {
  const { steps, settings, ignored, warnings, rules } = explained;
  return [
    part(
      'Decision: redirected if all of this holds',
      steps.map((step) => stepRow(step, style)),
      style,
    ),
    part(
      'Settings',
      settings.map(({ name, value, source }) => [
        `  ${name}`,
        clip(value) || '(none)',
        style.dim(source),
      ]),
      style,
    ),
    part(
      'Without effect',
      ignored.map(({ what, why }) => [`  ${what}`, why]),
      style,
    ),
    part(
      'Warnings',
      warnings.map((text) => [`  ${text}`]),
      style,
    ),
    part(
      'Rules',
      rules
        .slice(0, MOST_RULES)
        .map(({ table, chain, families, rule, sentence = rule }) => [
          `  ${table} ${chain}`,
          families.join(' '),
          sentence,
        ]),
      style,
    ),
    rules.length > MOST_RULES
      ? style.dim(`  and ${rules.length - MOST_RULES} more: \`rules\`, or -o json, has all\n`)
      : '',
  ].join('');
}

/** One line, and a second one where there are details of an error. */
export function headline(
  { pod, verdict, reason, mode = '', error, told }: Explanation,
  style: Style,
): string {
  const name = style.bold(`${pod.namespace}/${pod.name}`);
  switch (verdict) {
    case 'redirected':
      return `${name} is ${style.good('redirected')} (${mode})`;
    case 'skipped':
      return `${name} is ${style.good('left alone')}: ${reason ?? ''}`;
    case 'would-redirect': {
      const missing = told.by === 'manifest' ? '' : ', but no ADD of it is recorded';
      return `${name} ${style.odd('would be redirected')} (${mode})${missing}`;
    }
    case 'would-skip':
      return `${name} ${style.good('is left alone')}: ${reason ?? ''}`;
    case 'unfinished':
      return `${name} is ${style.bad('half done')}: its ADD began and never ended`;
    case 'failed':
    case 'would-fail':
      return `${name} ${verdict === 'failed' ? 'is' : 'would be'} ${style.bad('refused')}: ${because(error)}`;
  }
}

function because(
  { msg, details }: Explanation['error'] = { code: 0, msg: '', details: '' },
): string {
  return details === '' ? msg : `${msg}\n  ${details}`;
}

function origin(told: Told): string {
  if (told.by !== 'record') {
    const who = { agent: 'the agent', disk: "the agent's files", manifest: 'the manifest' }[
      told.by
    ];
    return `as ${who} ${told.at === undefined ? 'has it' : `had it at ${told.at}`}`;
  }
  const { at, containerId, backend, families, factsFrom, version } = told;
  return [
    `ADD at ${at} by ${version}`,
    `sandbox ${containerId.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1')}`,
    ...(factsFrom === undefined ? [] : [`facts from ${factsFrom}`]),
    ...(backend === undefined ? [] : [`${backend} ${families.join(' ')}`]),
  ].join(', ');
}

function stepRow({ holds, condition, evidence }: Step, style: Style): string[] {
  const mark = { yes: style.good('yes'), no: style.bad('no'), 'not looked at': style.dim('-') };
  return [`  ${condition}`, mark[holds], style.dim(evidence)];
}

function part(title: string, rows: readonly (readonly string[])[], style: Style): string {
  return rows.length === 0 ? '' : `\n${style.bold(title)}\n${columns(rows)}`;
}
