import { INJECT, INTERCEPTION_MODE, STATUS } from './annotations.ts';
import { parseBoolean } from './booleans.ts';
import { planRedirect } from './inputs.ts';
import { type RedirectPlan } from './plan.ts';
import { type Container, type PodFacts } from './pod.ts';
import { labelOrAnnotation, variable } from './said.ts';
import { type Said, type Setting } from './settings.ts';
import { type SkipReason } from './skip.ts';

export type Decision =
  | { readonly action: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | {
      readonly action: 'redirect';
      readonly plan: RedirectPlan;
      readonly settings: readonly Setting[];
      readonly warnings: readonly string[];
    };

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
