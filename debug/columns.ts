import { stripVTControlCharacters } from 'node:util';

/** Rows of text as lines, each column as wide as its widest cell; cells may be coloured. A single cell is a line by itself. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string {
  const widths: number[] = [];
  for (const row of rows.filter(({ length }) => length > 1)) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))));
  }
  return rows.map((row) => `${line(row, widths, gap).trimEnd()}\n`).join('');
}

function line(row: readonly string[], widths: readonly number[], gap: number): string {
  return row
    .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell)) + gap))
    .join('');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
