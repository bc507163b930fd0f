import { renderTable } from '../table.ts';
import { type CensusCost, PODS } from './measure.ts';

const MOST_SECONDS = 1;

/** Whether each census took at most a second of one core, and found what was broken. */
export function isReached({ cpuSeconds, found, wanted }: CensusCost): boolean {
  return cpuSeconds <= MOST_SECONDS && found === wanted;
}

export function renderCensus(costs: readonly CensusCost[]): string {
  return [
    '# What a census costs',
    '',
    `${PODS} meshed pods of ten kinds, each with a netns and rules of its own. Target: at most ${MOST_SECONDS} s of one core each,`,
    'counting the processes it starts.',
    '',
    ...renderTable(
      ['census', 'CPU s', 's', 'pods found broken', ''],
      costs.map((cost) => [
        cost.what,
        cost.cpuSeconds.toFixed(2),
        cost.seconds.toFixed(2),
        `${cost.found} of ${cost.wanted}`,
        isReached(cost) ? 'reached' : 'MISSED',
      ]),
    ),
    '',
  ].join('\n');
}
