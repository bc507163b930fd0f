import { type Observed, type Step, type Wanted } from './observed.ts';
import { placement } from './placement.ts';
import { leftovers } from './leftovers.ts';

/** How to get from what is on the node to what is wanted. */
export interface Plan {
  /** In the only safe order: what an entry names is there before the entry, and no gap is between two of them. */
  readonly steps: readonly Step[];
  /** Why the node is not complete even after the steps: what somebody else has to do first. */
  readonly obstacle: string | undefined;
}

/** `steps` is `[]` when nothing drifted, which is what the installer finds on almost every wake-up. */
export function reconcile(observed: Observed, wanted: Wanted): Plan {
  const { keep, steps, obstacle } = placement(observed, wanted);
  return {
    steps: [
      ...executableSteps(observed),
      ...kubeconfigSteps(observed, wanted),
      ...steps,
      ...leftovers(observed, { type: wanted.entry.type, keep }),
      ...kubeconfigLeftover(observed, wanted),
    ],
    obstacle: obstacle ?? credentialObstacle(wanted),
  };
}

function credentialObstacle({ kubeconfig }: Wanted): string | undefined {
  return kubeconfig && 'obstacle' in kubeconfig ? kubeconfig.obstacle : undefined;
}

function executableSteps({ executable }: Observed): Step[] {
  return executable === 'right' ? [] : [{ do: 'install', cause: `executable-${executable}` }];
}

function kubeconfigSteps({ kubeconfig: found }: Observed, { kubeconfig }: Wanted): Step[] {
  const target = { place: 'kubeconfig', name: '' } as const;
  if (!kubeconfig || 'obstacle' in kubeconfig || kubeconfig.text === found) return [];
  const cause = found === undefined ? 'credential-missing' : 'credential-different';
  return [{ do: 'write', ...target, text: kubeconfig.text, basedOn: found, cause }];
}

/** Only after no entry names it. */
function kubeconfigLeftover({ kubeconfig: basedOn }: Observed, { kubeconfig }: Wanted): Step[] {
  if (kubeconfig || basedOn === undefined) return [];
  return [{ do: 'remove', place: 'kubeconfig', name: '', basedOn, cause: 'left-over' }];
}
