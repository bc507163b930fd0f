import { INJECT, INTERCEPTION_MODE, STATUS } from './annotations.ts';
import { parseBoolean } from './booleans.ts';
import { planRedirect } from './inputs.ts';
import { type RedirectPlan } from './plan.ts';
import { type Container, type PodFacts } from './pod.ts';
import { labelOrAnnotation, variable } from './said.ts';
import { type Said, type Setting } from './settings.ts';

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

export type Decision =
  | { readonly action: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | {
      readonly action: 'redirect';
      readonly plan: RedirectPlan;
      readonly settings: readonly Setting[];
      readonly warnings: readonly string[];
    };

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

/**
 * Decides whether a pod that `skipBeforeFacts` let through is redirected, and how.
 *
 * @throws {CniError} `invalidAnnotation` when the pod is to be redirected but says how wrongly
 */
export async function decide(pod: PodFacts): Promise<Decision> {
  const proxy = pod.containers.find(({ name }) => name === 'istio-proxy');
  if (!proxy) return skip(podReason(pod) ?? 'no-sidecar');
  const reason = podReason(pod) ?? proxyReason(pod, proxy);
  if (reason !== undefined) return skip(reason);
  return { action: 'redirect', ...(await planRedirect(pod, proxy)) };
}

function skip(reason: SkipReason): Decision {
  return { action: 'skip', reason, warnings: [] };
}

function podReason({ annotations, containers }: PodFacts): SkipReason | undefined {
  if (!Object.hasOwn(annotations, STATUS)) return 'not-injected';
  const initialized = containers.some(({ name }) => name === 'istio-init');
  return initialized ? 'init-container-redirects' : undefined;
}

function proxyReason(pod: PodFacts, proxy: Container): SkipReason | undefined {
  if (says(variable(proxy, 'DISABLE_ENVOY'), true)) return 'proxy-disabled';
  if (isGateway(proxy)) return 'gateway';
  if (says(labelOrAnnotation(pod, INJECT), false)) return 'injection-disabled';
  return pod.annotations[INTERCEPTION_MODE] === 'NONE' ? 'interception-none' : undefined;
}

function says(said: Said | undefined, value: boolean): boolean {
  return said?.text !== undefined && parseBoolean(said.text) === value;
}

/** `istio-proxy proxy router`: it routes for others, and no app stands behind it. */
function isGateway({ args: [command, role] }: Container): boolean {
  return command === 'proxy' && role !== undefined && role !== 'sidecar';
}
