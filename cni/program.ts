import { createRequire } from 'node:module';
import { getAsset, isSea } from 'node:sea';
import { compileFunction } from 'node:vm';

/** What the executable holds beside the plugin, by the argument that starts it. */
const PROGRAMS = ['agent'];

/**
 * Starts a program that the executable holds as an asset, so that it costs the plugin nothing.
 *
 * @returns whether there is one of that name
 */
export function startProgram(name: string): boolean {
  if (!isSea() || !PROGRAMS.includes(name)) return false;
  const file = `${name}.cjs`;
  const script = compileFunction(getAsset(file, 'utf8'), ['require', 'module', 'exports'], {
    filename: file,
  }) as (require: NodeJS.Require, module: { exports: object }, exports: object) => void;
  const module = { exports: {} };
  script(createRequire(process.execPath), module, module.exports);
  return true;
}
