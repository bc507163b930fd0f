import { type JsonObject } from '../../cni/spec/json.ts';
import { type Call, type Network, type Verb } from './call.ts';
import { type Ended, runPlugin } from './run.ts';

export interface Options {
  /** Of an ADD before; ADD itself begins without. */
  readonly previous: JsonObject | undefined;
  readonly timeoutMs: number;
}

/** Verbs after whose first failure the others are not asked. DEL goes on, so that as little as possible is left. */
const ENDS_AT_FAILURE: readonly Verb[] = ['add', 'check'];

/** Runs the plugins as libcni does: one after the other, DEL from the last to the first. */
export async function runChain(
  network: Network,
  call: Call,
  { previous, timeoutMs }: Options,
): Promise<Ended[]> {
  const { verb } = call;
  const plugins = verb === 'del' ? network.plugins.toReversed() : network.plugins;
  const all: Ended[] = [];
  let prevResult = verb === 'check' || verb === 'del' ? previous : undefined;
  for (const plugin of plugins) {
    const ended = await runPlugin(plugin, { network, call, prevResult, timeoutMs });
    all.push(ended);
    if (verb === 'add') prevResult = ended.result;
    if (ended.outcome !== 'succeeded' && ENDS_AT_FAILURE.includes(verb)) break;
  }
  return all;
}
