import { STATUS } from './annotations.ts';

/** Why a pod is not redirected, in the order in which they are looked for. Log field, metric label and test name alike. */
export const SKIP_REASONS = [
  'not-kubernetes',
  'own-agent',
  'namespace-excluded',
  'not-injected',
  'init-container-redirects',
  'no-sidecar',
  'proxy-disabled',
  'gateway',
  'injection-disabled',
  'interception-none',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What the runtime and the configuration tell, without asking anyone. */
export interface BeforeFacts {
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  /** Undefined if the runtime passes none. */
  readonly podAnnotations: Readonly<Record<string, string>> | undefined;
  readonly excludeNamespaces: readonly string[];
  readonly agentNamespace: string;
}

/** Why there is no need to learn more about a pod; undefined if there is. */
export function skipBeforeFacts(before: BeforeFacts): SkipReason | undefined {
  const { pod, podAnnotations, excludeNamespaces, agentNamespace } = before;
  if (!pod) return 'not-kubernetes';
  const injected = podAnnotations && Object.hasOwn(podAnnotations, STATUS);
  // The agent answers for other pods, so it cannot wait for itself. Who passes for it must not be meshed.
  const ownName = pod.namespace === agentNamespace && pod.name.startsWith('sluice-agent-');
  if (ownName && injected !== true) return 'own-agent';
  if (excludeNamespaces.includes(pod.namespace)) return 'namespace-excluded';
  return injected === false ? 'not-injected' : undefined;
}
