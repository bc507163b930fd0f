import { INJECT, INTERCEPTION_MODE, STATUS } from '../../cni/redirect/annotations.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';
import { labelOrAnnotation, variable } from '../../cni/redirect/said.ts';
import { type Said } from '../../cni/redirect/settings.ts';
import { SKIP_REASONS, type SkipReason } from '../../cni/redirect/skip.ts';

/** One question of a decision, in the order in which they are asked; a `yes` ends it and is its reason. */
export interface Step {
  readonly reason: SkipReason;
  readonly question: string;
  readonly answer: 'no' | 'yes' | 'not asked';
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
    question: QUESTIONS[each].question,
    answer: i < last ? 'no' : i === last ? 'yes' : 'not asked',
    evidence: i > last ? '' : QUESTIONS[each].evidence(evidence),
  }));
}

interface Question {
  readonly question: string;
  readonly evidence: (evidence: Evidence) => string;
}

const QUESTIONS: Readonly<Record<SkipReason, Question>> = {
  'not-kubernetes': {
    question: 'did the runtime name no pod?',
    evidence: ({ pod: { namespace, name, uid } }) =>
      `it named ${namespace}/${name}, ${uid === undefined ? 'without a UID' : `UID ${uid}`}`,
  },
  'own-agent': {
    question: "is it the agent's own pod?",
    evidence: ({ pod, agentNamespace }) =>
      pod.namespace === agentNamespace
        ? `it is in namespace ${agentNamespace}, and named ${pod.name}`
        : `it is not in namespace ${agentNamespace}`,
  },
  'namespace-excluded': {
    question: 'is its namespace excluded?',
    evidence: ({ pod, excludeNamespaces }) =>
      `${pod.namespace}; excluded: ${excludeNamespaces.join(', ') || 'none'}`,
  },
  'not-injected': {
    question: 'was no sidecar injected?',
    evidence: ({ pod }) =>
      `annotation ${STATUS} is ${Object.hasOwn(pod.annotations, STATUS) ? 'there' : 'not there'}`,
  },
  'init-container-redirects': {
    question: 'does a container of its own redirect?',
    evidence: ({ pod }) => `container istio-init is ${has(pod, 'istio-init')}`,
  },
  'no-sidecar': {
    question: 'is there no sidecar?',
    evidence: ({ pod }) => `container istio-proxy is ${has(pod, 'istio-proxy')}`,
  },
  'proxy-disabled': {
    question: 'is the proxy turned off?',
    evidence: ({ pod }) => `DISABLE_ENVOY ${said(ofProxy(pod, 'DISABLE_ENVOY'))}`,
  },
  gateway: {
    question: 'does the proxy route for others?',
    evidence: ({ pod }) => `istio-proxy runs "${proxyOf(pod)?.args.slice(0, 2).join(' ') ?? ''}"`,
  },
  'injection-disabled': {
    question: 'is injection turned off?',
    evidence: ({ pod }) => `${INJECT} ${said(labelOrAnnotation(pod, INJECT))}`,
  },
  'interception-none': {
    question: 'is interception turned off?',
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
