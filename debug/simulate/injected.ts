import { STATUS } from '../../cni/redirect/annotations.ts';
import { type Container, type PodFacts } from '../../cni/redirect/pod.ts';
import { type Configured, type Explanation, explainPod } from '../explain/explanation.ts';

/** What of the injector's work each pod gets; more depends on the mesh. */
const SIDECAR: Container = {
  name: 'istio-proxy',
  init: false,
  args: ['proxy', 'sidecar'],
  env: [],
  runAsUser: 1337,
  runAsGroup: 1337,
};

/**
 * The same pod with a sidecar, since manifests are written before anything is injected.
 *
 * @returns undefined for a pod that is left alone or redirected for another reason
 */
export async function explainInjected(
  pod: PodFacts,
  { reason }: Explanation,
  config: Configured,
): Promise<Explanation | undefined> {
  if (reason !== 'not-injected') return undefined;
  const hasSidecar = pod.containers.some(({ name }) => name === SIDECAR.name);
  const injected: PodFacts = {
    ...pod,
    annotations: { ...pod.annotations, [STATUS]: '{}' },
    containers: hasSidecar ? pod.containers : [...pod.containers, SIDECAR],
  };
  return explainPod(injected, config, { by: 'manifest' });
}
