import { writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

interface Line {
  readonly suite: string;
  readonly title: string;
  readonly state: string;
  readonly seconds: string;
}

const lines: Line[] = [];
const figures: (readonly [string, string])[] = [];
const startedAt = new Date();

/** Something measured in this run, on this machine. */
export function note(what: string, value: string): void {
  figures.push([what, value]);
}

export function noteTest({ currentTest: test }: Mocha.Context): void {
  if (!test) return;
  lines.push({
    suite: test.parent?.title ?? '',
    title: test.title,
    state: test.state ?? 'skipped',
    seconds: ((test.duration ?? 0) / 1_000).toFixed(1),
  });
}

/** Writes test/cluster/report.md anew. */
export async function writeReport(versions: Readonly<Record<string, string>>): Promise<void> {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  const suites = [...new Set(lines.map(({ suite }) => suite))];
  const text = [
    '# The last run of `npm run test:cluster`',
    'Written by the run itself. Times are of the machine that it ran on, and of whatever else that did.',
    ...table(['What', 'Which'], Object.entries({ ...versions, kernel: release() })),
    `Began ${startedAt.toISOString()}, took ${seconds} s.`,
    ...(figures.length > 0 ? table(['Measured', 'Value'], figures) : []),
    ...suites.flatMap((suite) => [
      `## ${suite}`,
      ...table(
        ['Test', 'State', 'Seconds'],
        lines
          .filter((line) => line.suite === suite)
          .map(({ title, state, seconds: took }) => [title, state, took]),
      ),
    ]),
  ];
  await writeFile(join(import.meta.dirname, 'report.md'), `${text.join('\n\n')}\n`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')];
}
