import { styleText } from 'node:util';

/** Renders rows in columns; the last one is as wide as it is. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `  ${line.trimEnd()}\n`)
    .join('');
}

export function tick(holds: boolean): string {
  return holds ? '✓' : '✗';
}

/** Ticks and crosses at the beginning of lines in colour, on a terminal only. */
export function colourTicks(text: string): string {
  return text
    .replace(/^ +✓/gm, (mark) => styleText('green', mark))
    .replace(/^ +✗/gm, (mark) => styleText('red', mark));
}
