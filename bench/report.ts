import {
  type CaseName,
  CASES,
  type Measurement,
  type Measurements,
  of,
  targets,
} from './measurement.ts';
import { median, quantile } from './statistics.ts';
import { renderTable } from './table.ts';

/** Where and of what the measurements were taken. */
export interface Circumstances {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly iptables: string;
  readonly versions: string;
  readonly rounds: number;
  /** Whether all that was measured went before others on the machine. */
  readonly isFirst: boolean;
}

/** The whole of `bench/results.md`. */
export function renderReport(all: Measurements, where: Circumstances): string {
  return [
    '# What an ADD costs',
    '',
    'Written by `npm run bench`. Compare only inside a table: absolute times drift with the machine.',
    '',
    `${where.cpu}, ${where.cores} cores, Linux ${where.kernel}, ${where.iptables}, ${where.versions}.`,
    `${where.rounds} rounds, interleaved, in an empty environment, each ADD in a netns of its own with a veth pair,`,
    `${where.isFirst ? 'scheduled before' : 'scheduled like'} all other processes of the machine.`,
    '',
    ...renderTable(
      ['what', 'median ms', 'p90 ms', 'min ms', 'processes started', 'RSS MB', 'failed'],
      CASES.map((name) => row(name, of(all, name))),
    ),
    '',
    '`empty` is an executable packaged in the same way that does nothing. `restores` is what cannot be avoided: one entry into',
    'the netns, and there `iptables-nft-restore` and `ip6tables-nft-restore` at once with the rules of the meshed ADD.',
    'All times include starting the process from the benchmark. RSS is mostly pages of the executable itself, shared by all.',
    '',
    '## Targets',
    '',
    ...renderTable(
      ['target', 'found', ''],
      targets(all).map(({ text, found, reached }) => [text, found, reached ? 'reached' : 'MISSED']),
    ),
    '',
  ].join('\n');
}

function row(name: CaseName, { ms, children, rssMb, failures }: Measurement): string[] {
  const times = [median(ms), quantile(ms, 0.9), Math.min(...ms)].map((value) => value.toFixed(1));
  return [name, ...times, text(children), text(rssMb), String(failures)];
}

function text(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(0);
}
