import { type Pod } from '../pod.ts';
import { REPAIR_MODES } from '../variables.ts';

/** What is done about a pod that is not redirected as it should be. */
export type Mode = (typeof REPAIR_MODES)[number];

/** Says how a pod wants it, whatever the agent is told to do with others. */
export const MODE_LABEL = 'sluice.dev/repair';

/** What the pod says, else what the agent is told. A word that is none of ours is nothing said. */
export function modeOf({ metadata }: Pod, configured: Mode): Mode {
  return REPAIR_MODES.find((mode) => mode === metadata.labels[MODE_LABEL]) ?? configured;
}
