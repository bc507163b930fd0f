import { INJECT, INTERCEPTION_MODE, STATUS } from '../../cni/redirect/annotations.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';
import { labelOrAnnotation, variable } from '../../cni/redirect/said.ts';
import { type Said } from '../../cni/redirect/settings.ts';
import { SKIP_REASONS, type SkipReason } from '../../cni/redirect/skip.ts';

/** One condition of being redirected, in the order in which they are looked at; the first that does not hold decides. */
export interface Step {
  /** That of a pod which is left alone because this does not hold. */
  readonly reason: SkipReason;
  readonly condition: string;
  readonly holds: 'yes' | 'no' | 'not looked at';
  /** What was looked at, and what it says. */
  readonly evidence: string;
}

/** What a decision was made of. */
export interface Evidence {
  readonly pod: PodFacts;
  readonly excludeNamespaces: readonly string[];
  readonly agentNamespace: string;
}

/** How a decision came about. @param reason why the pod is left alone; undefined if it is redirected */
export function stepsTo(reason: SkipReason | undefined, evidence: Evidence): Step[] {
  const last = reason === undefined ? SKIP_REASONS.length : SKIP_REASONS.indexOf(reason);
  return SKIP_REASONS.map((each, i) => ({
    reason: each,
    condition: CONDITIONS[each].condition,
    holds: i < last ? 'yes' : i === last ? 'no' : 'not looked at',
    evidence: i > last ? '' : CONDITIONS[each].evidence(evidence),
  }));
}

interface Condition {
  readonly condition: string;
  readonly evidence: (evidence: Evidence) => string;
}

const CONDITIONS: Readonly<Record<SkipReason, Condition>> = {
  'not-kubernetes': {
    condition: 'the runtime named a pod',
    evidence: ({ pod: { namespace, name, uid } }) =>
      `it named ${namespace}/${name}, ${uid === undefined ? 'without a UID' : `UID ${uid}`}`,
  },
  'own-agent': {
    condition: "it is not the agent's own",
    evidence: ({ pod, agentNamespace }) =>
      pod.namespace === agentNamespace
        ? `it is in namespace ${agentNamespace}, and named ${pod.name}`
        : `it is not in namespace ${agentNamespace}`,
  },
  'namespace-excluded': {
    condition: 'its namespace is not excluded',
    evidence: ({ pod, excludeNamespaces }) =>
      `${pod.namespace}; excluded: ${excludeNamespaces.join(', ') || 'none'}`,
  },
  'not-injected': {
    condition: 'a sidecar was injected',
    evidence: ({ pod }) =>
      `annotation ${STATUS} is ${Object.hasOwn(pod.annotations, STATUS) ? 'there' : 'not there'}`,
  },
  'init-container-redirects': {
    condition: 'no container of its own redirects',
    evidence: ({ pod }) => `container istio-init is ${has(pod, 'istio-init')}`,
  },
  'no-sidecar': {
    condition: 'it has a sidecar',
    evidence: ({ pod }) => `container istio-proxy is ${has(pod, 'istio-proxy')}`,
  },
  'proxy-disabled': {
    condition: 'the proxy is not turned off',
    evidence: ({ pod }) => `DISABLE_ENVOY ${said(ofProxy(pod, 'DISABLE_ENVOY'))}`,
  },
  gateway: {
    condition: 'the proxy serves this pod',
    evidence: ({ pod }) => `istio-proxy runs "${proxyOf(pod)?.args.slice(0, 2).join(' ') ?? ''}"`,
  },
  'injection-disabled': {
    condition: 'injection is not turned off',
    evidence: ({ pod }) => `${INJECT} ${said(labelOrAnnotation(pod, INJECT))}`,
  },
  'interception-none': {
    condition: 'interception is not turned off',
    evidence: ({ pod: { annotations } }) =>
      `${INTERCEPTION_MODE} is ${annotations[INTERCEPTION_MODE] ?? 'not set, so REDIRECT'}`,
  },
};

function proxyOf({ containers }: PodFacts): PodFacts['containers'][number] | undefined {
  return containers.find(({ name }) => name === 'istio-proxy');
}

function ofProxy(pod: PodFacts, name: string): Said | undefined {
  const proxy = proxyOf(pod);
  return proxy && variable(proxy, name);
}

function has({ containers }: PodFacts, wanted: string): string {
  const found = containers.find(({ name }) => name === wanted);
  if (!found) return 'not there';
  return found.init ? 'there, as an init container' : 'there';
}

function said(found: Said | undefined): string {
  if (!found) return 'is not set';
  return `is ${found.text === undefined ? 'known to the kubelet only' : `"${found.text}"`} (${found.source})`;
}
