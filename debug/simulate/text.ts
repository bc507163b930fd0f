import { columns } from '../columns.ts';
import { headline, renderExplanation, renderParts } from '../explain/text.ts';
import { type Style } from '../style.ts';
import { type Comparison } from './against.ts';
import { type Simulated, type Simulation } from './simulation.ts';

const HOW_TO_INJECT =
  'with all that the mesh adds: istioctl kube-inject -f <file> | sluice simulate -f -';

/** What would become of each pod, one after the other. */
export function renderSimulation({ pods, passedOver }: Simulation, style: Style): string {
  const parts = pods.map(
    ({ kind, name, explanation, injected, init }) =>
      `${style.dim(`${kind} ${name}`)}\n${renderExplanation(explanation, style)}` +
      `${renderInjected(injected, style)}${renderInit(init, style)}`,
  );
  const others =
    passedOver.length === 0 ? [] : [style.dim(`makes no pod: ${passedOver.join(', ')}\n`)];
  return [...parts, ...others].join('\n');
}

/** What the mesh adds is not known here, so only what the manifest itself says is shown. */
function renderInjected(injected: Simulated['injected'], style: Style): string {
  if (!injected) return '';
  const settings = injected.settings.filter(({ source }) => source.startsWith('annotation'));
  const told = renderParts({ ...injected, steps: [], rules: [], settings }, style);
  return [
    `\n${style.bold('Once injected, as far as the manifest tells')}\n`,
    `  ${headline(injected, style)}\n${told.replace(/^(?=.)/gm, '  ')}`,
    injected.verdict === 'would-skip' ? '' : `  ${style.dim(HOW_TO_INJECT)}\n`,
  ].join('');
}

function renderInit(init: Simulated['init'], style: Style): string {
  if (!init) return '';
  const title = `\n${style.bold('Against istio-init')}\n`;
  if ('nothing' in init) return `${title}  nothing to compare: ${init.nothing}\n`;
  return `${title}${renderComparison(init, style)}`;
}

function renderComparison({ container, differences, notes }: Comparison, style: Style): string {
  const same = `  ${style.good('each packet fares the same')} as under the arguments of ${container}\n`;
  const rows = differences.map(({ direction, families, packets, ours, theirs, purpose }) => [
    `  ${direction} ${packets}`,
    families.join(' '),
    `here: ${ours}`,
    `there: ${theirs}`,
    purpose === undefined ? style.odd('look at this') : style.dim(`on purpose: ${purpose}`),
  ]);
  return [
    differences.length === 0 ? same : columns(rows),
    ...notes.map((note) => `  ${style.dim(note)}\n`),
  ].join('');
}
