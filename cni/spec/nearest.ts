const LONGEST = 64;

/** The known word that is spelled most like `word`, the first of equals; `""` if none is known. */
export function nearest(word: string, known: readonly string[]): string {
  // Cut, because the distance costs as much as the product of both lengths.
  const text = word.slice(0, LONGEST).toLowerCase();
  const away = known.map((candidate) => distance(text, candidate.toLowerCase()));
  return known[away.indexOf(Math.min(...away))] ?? '';
}

/** Levenshtein's: how many letters to insert, delete or replace. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const insert = (line[column - 1] ?? 0) + 1;
      const remove = (above[column] ?? 0) + 1;
      const replace = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      line.push(Math.min(insert, remove, replace));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
