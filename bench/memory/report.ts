import { renderTable } from '../table.ts';
import { PODS } from './pods.ts';
import { type Memory } from './status.ts';

const MOST_MB = 90;

export function isSmall({ rssMb }: Memory): boolean {
  return rssMb <= MOST_MB;
}

export function renderMemory(memory: Memory): string {
  const { rssMb, ownMb, peakMb } = memory;
  return [
    '# What the agent holds',
    '',
    `RSS of the packaged agent that has installed the plugin and served ${PODS} meshed pods, the largest of 20 samples from 15 s later on.`,
    `Target: at most ${MOST_MB} MB. What is not its own is mostly pages of the executable.`,
    '',
    ...renderTable(
      ['RSS MB', 'its own MB', 'peak MB', ''],
      [
        [rssMb, ownMb, peakMb]
          .map((mb) => mb.toFixed(0))
          .concat(isSmall(memory) ? 'reached' : 'MISSED'),
      ],
    ),
    '',
  ].join('\n');
}
