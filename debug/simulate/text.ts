import { renderExplanation } from '../explain/text.ts';
import { type Style } from '../style.ts';
import { type Simulation } from './simulation.ts';

/** What would become of each pod, one after the other. */
export function renderSimulation({ pods, passedOver }: Simulation, style: Style): string {
  const parts = pods.map(
    ({ kind, name, explanation }) =>
      `${style.dim(`${kind} ${name}`)}\n${renderExplanation(explanation, style)}`,
  );
  const others =
    passedOver.length === 0 ? [] : [style.dim(`makes no pod: ${passedOver.join(', ')}\n`)];
  return [...parts, ...others].join('\n');
}
