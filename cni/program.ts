import { createRequire } from 'node:module';
import { getAsset, isSea } from 'node:sea';
import { compileFunction } from 'node:vm';

/**
 * Starts the program that an argument calls for: the agent, or the one that knows all other commands. The executable
 * holds both as assets, so that they cost the plugin nothing.
 *
 * @returns whether there is one: only what is packaged holds any
 */
export function startProgram(name: string, args: readonly string[]): boolean {
  if (!isSea()) return false;
  // Beside the agent of this node, none may be started by somebody who asks for help.
  const isAgent = name === 'agent' && args.length === 0;
  const file = isAgent ? 'agent.cjs' : 'debug.cjs';
  const script = compileFunction(getAsset(file, 'utf8'), ['require', 'module', 'exports'], {
    filename: file,
  }) as (require: NodeJS.Require, module: { exports: object }, exports: object) => void;
  const module = { exports: {} };
  script(createRequire(process.execPath), module, module.exports);
  return true;
}
