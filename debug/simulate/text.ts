import { columns } from '../columns.ts';
import { renderExplanation } from '../explain/text.ts';
import { type Style } from '../style.ts';
import { type Comparison } from './against.ts';
import { type Simulated, type Simulation } from './simulation.ts';

/** What would become of each pod, one after the other. */
export function renderSimulation({ pods, passedOver }: Simulation, style: Style): string {
  const parts = pods.map(
    ({ kind, name, explanation, init }) =>
      `${style.dim(`${kind} ${name}`)}\n${renderExplanation(explanation, style)}${renderInit(init, style)}`,
  );
  const others =
    passedOver.length === 0 ? [] : [style.dim(`makes no pod: ${passedOver.join(', ')}\n`)];
  return [...parts, ...others].join('\n');
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
