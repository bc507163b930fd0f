import { type Decision } from '../../cni/redirect/decide.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';

const OURS = ['istio-proxy', 'istio-init', 'istio-validation'];

/** A warning for each init container that runs behind the rules while no proxy does: what it sends goes nowhere. */
export function earlyWarnings(decision: Decision, pod: PodFacts): string[] {
  if (decision.action === 'skip') return [];
  const proxyUid: number = decision.plan.proxyUid;
  const init = pod.containers.filter((container) => container.init);
  const proxy = init.findIndex(({ name }) => name === 'istio-proxy');
  return init
    .slice(0, proxy === -1 ? undefined : proxy)
    .filter(({ name }) => !OURS.includes(name))
    .filter(({ runAsUser }) => (runAsUser ?? pod.runAsUser) !== proxyUid)
    .map(
      ({ name }) =>
        `init container "${name}" runs before the proxy: what it sends and the rules capture goes nowhere` +
        ` (a native sidecar, an exclusion or runAsUser ${proxyUid} helps)`,
    );
}
