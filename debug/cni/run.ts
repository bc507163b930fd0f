import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { exec, ExecError, type Output } from '../../cni/kernel/exec.ts';
import { type JsonObject } from '../../cni/spec/json.ts';
import { PLUGIN } from '../../install/entry.ts';
import { objectIn } from './object.ts';
import { type Call, input, type Network, variables } from './call.ts';

/** How one plugin ended. */
export interface Ended {
  readonly type: string;
  readonly path: string;
  readonly ms: number;
  /** `unclear`: it could not be started, was killed, or said nothing that the protocol knows. */
  readonly outcome: 'succeeded' | 'failed' | 'unclear';
  /** What it printed, if that is JSON. */
  readonly result: JsonObject | undefined;
  readonly error:
    { readonly code: number; readonly msg: string; readonly details: string } | undefined;
  /** Why it is unclear. */
  readonly reason: string | undefined;
  /** What it wrote to stderr, line by line. */
  readonly log: readonly string[];
}

interface Options {
  readonly network: Network;
  readonly call: Call;
  /** What the plugin gets as the result of those before it. */
  readonly prevResult: unknown;
  readonly timeoutMs: number;
}

/** Runs one plugin as a runtime does. Never rejects. */
export async function runPlugin(plugin: JsonObject, options: Options): Promise<Ended> {
  const { network, call, prevResult, timeoutMs } = options;
  const type = typeof plugin.type === 'string' ? plugin.type : '';
  const [path, ...args] = programOf(type, call.path);
  const started = performance.now();
  const ended = (rest: Pick<Ended, 'outcome'> & Partial<Ended>, { stderr }: Output): Ended => ({
    type,
    path: path ?? type,
    ms: Math.round(performance.now() - started),
    result: undefined,
    error: undefined,
    reason: undefined,
    log: stderr.split('\n').filter(Boolean),
    ...rest,
  });
  const nothing = { stdout: '', stderr: '' };
  if (path === undefined) {
    const reason = `cannot find plugin "${type}" in ${call.path.join(', ')}`;
    return ended({ outcome: 'unclear', reason }, nothing);
  }
  try {
    const command = { file: path, args, env: variables(call), fds: [] };
    const output = await exec(command, {
      input: input(plugin, network, { call, prevResult }),
      timeoutMs,
    });
    return ended({ outcome: 'succeeded', result: objectIn(output.stdout) }, output);
  } catch (failure) {
    if (!(failure instanceof ExecError))
      return ended({ outcome: 'unclear', reason: String(failure) }, nothing);
    const error = errorIn(failure.stdout);
    const reason = error ? undefined : failure.message;
    return ended({ outcome: error ? 'failed' : 'unclear', error, reason }, failure);
  }
}

/** The plugin's words; our own, where it is not installed, is the one that runs. */
function programOf(type: string, path: readonly string[]): readonly string[] {
  const found = path.map((directory) => join(directory, type)).find((file) => existsSync(file));
  if (found !== undefined && type !== '') return [found];
  if (type !== PLUGIN) return [];
  if (isSea()) return [process.execPath];
  return [process.execPath, '--no-warnings', join(import.meta.dirname, '../../cni/main.ts')];
}

function errorIn(stdout: string): Ended['error'] {
  const { code, msg, details } = objectIn(stdout) ?? {};
  if (typeof code !== 'number' || typeof msg !== 'string') return undefined;
  return { code, msg, details: typeof details === 'string' ? details : '' };
}
