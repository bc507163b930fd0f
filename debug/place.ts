import { VARIABLES } from '../agent/variables.ts';
import { type Place } from './command.ts';

/** Where things are on this node, as the agent's own variables say; the same defaults without them. */
export function placeOf(env: Readonly<Record<string, string | undefined>>): Place {
  const text = (name: keyof typeof VARIABLES): string => {
    const value = env[name] ?? '';
    return value === '' ? (VARIABLES[name].fallback ?? '') : value;
  };
  return {
    stateDir: text('SLUICE_STATE_DIR'),
    agentSocket: text('SLUICE_AGENT_SOCKET'),
    netDir: text('SLUICE_CNI_NET_DIR'),
    binDir: text('SLUICE_CNI_BIN_DIR'),
    toolsDir: text('SLUICE_TOOLS_DIR') || undefined,
  };
}
