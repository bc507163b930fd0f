import { dirname, join } from 'node:path';
import { toolboxBeside } from '../cni/kernel/place.ts';
import { VERSION } from '../cni/version.ts';
import { PLUGIN } from '../install/entry.ts';
import { VARIABLES } from '../agent/variables.ts';
import { type Place } from './command.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where things are on this node, as the agent's own variables say; the same defaults without them. */
export function placeOf(env: Env): Place {
  return {
    stateDir: variable(env, 'SLUICE_STATE_DIR'),
    agentSocket: variable(env, 'SLUICE_AGENT_SOCKET'),
    netDir: variable(env, 'SLUICE_CNI_NET_DIR'),
    binDir: variable(env, 'SLUICE_CNI_BIN_DIR'),
    toolsDir: variable(env, 'SLUICE_TOOLS_DIR') || undefined,
  };
}

/** What one of the agent's variables says, or its default. */
export function variable(env: Env, name: keyof typeof VARIABLES): string {
  const value = env[name] ?? '';
  return value === '' ? (VARIABLES[name].fallback ?? '') : value;
}

/** Where a library may be mapped from. In the agent's container, only the node's own directories can be written to. */
export function mappable({ stateDir, binDir }: Pick<Place, 'stateDir' | 'binDir'>): string[] {
  return [stateDir, binDir, dirname(process.execPath), '/run', '/dev/shm', '/tmp'];
}

/** Where the programs are that an ADD starts here; undefined: where distributions keep them. */
export function toolsOf({
  toolsDir,
  binDir,
}: Pick<Place, 'toolsDir' | 'binDir'>): string | undefined {
  return toolsDir ?? toolboxBeside(join(binDir, PLUGIN), VERSION);
}
