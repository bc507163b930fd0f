import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, '../fixtures/conflists');

/** Files as the main CNIs write them, by extension. */
export function fixtures(extension: 'conf' | 'conflist'): string[] {
  const names = globSync(`*.${extension}`, { cwd: directory }).sort();
  if (names.length === 0) throw new Error(`cannot find a ".${extension}" in ${directory}`);
  return names;
}

export function fixture(name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}
