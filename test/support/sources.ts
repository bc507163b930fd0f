import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

export interface Source {
  /** Relative to the root, e.g. `cni/spec/error.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports, at the top or when needed; files of ours as paths like the above. */
  readonly imports: readonly string[];
}

/** The source files that match, in order. */
export function sources(pattern: string): Source[] {
  const paths = globSync(pattern, { cwd: root, exclude: ['node_modules/**', 'dist/**'] });
  return paths.sort().map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, imports: importsOf(path, text) };
  });
}

/** The chain of imports that leads from a file back to itself, or `undefined`. */
export function cycle(files: readonly Source[]): string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const walk = (path: string, above: readonly string[]): string[] | undefined => {
    if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const target of byPath.get(path)?.imports ?? []) {
      const found = walk(target, [...above, path]);
      if (found) return found;
    }
    done.add(path);
    return undefined;
  };
  return files.map(({ path }) => walk(path, [])).find((found) => found !== undefined);
}

const root = join(import.meta.dirname, '../..');

function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^']+)'/g);
  return [...found].map(([, target = '']) =>
    target.startsWith('.') ? normalize(join(path, '..', target)) : target,
  );
}
