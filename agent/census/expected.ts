import { type AttachmentRecord } from '../../cni/attachment.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { skipBeforeFacts } from '../../cni/redirect/skip.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { KEYS } from '../../cni/spec/settings.ts';
import { VERSION } from '../../cni/version.ts';
import { type Pod } from '../pod.ts';
import { type Expected } from './finding.ts';

const AGENT_NAMESPACE = KEYS.agentNamespace.fallback;

/**
 * What a pod's netns is to hold: what its ADD decided, or what one would decide now. Annotations that were changed since
 * then count from the pod's next start on, as everywhere in Kubernetes.
 */
export async function expectedOf(
  pod: Pod,
  record: AttachmentRecord | undefined,
  excludeNamespaces = KEYS.excludeNamespaces.fallback,
): Promise<Expected> {
  if (pod.spec.hostNetwork) return { action: 'skip', reason: 'host-network' };
  return (record && recorded(record)) ?? decideNow(pod, excludeNamespaces);
}

function recorded({
  outcome,
  decision,
  rules,
  backend,
  families,
}: AttachmentRecord): Expected | undefined {
  if (outcome === 'redirected' && decision?.action === 'redirect' && rules) {
    return { action: 'redirect', decision, rules, added: { backend, families } };
  }
  if (outcome === 'skipped' && decision?.action === 'skip') {
    return { action: 'skip', reason: decision.reason };
  }
  return undefined;
}

async function decideNow(pod: Pod, excludeNamespaces: readonly string[]): Promise<Expected> {
  // Whatever we would decide: its rules are there, and its own.
  if (pod.spec.initContainers.some(({ name }) => name === 'istio-init')) {
    return { action: 'skip', reason: 'init-container-redirects' };
  }
  const reason = skipBeforeFacts({
    pod: pod.metadata,
    podAnnotations: pod.metadata.annotations,
    excludeNamespaces,
    agentNamespace: AGENT_NAMESPACE,
  });
  if (reason !== undefined) return { action: 'skip', reason };
  try {
    const decision = await decide(parsePod(pod));
    if (decision.action === 'skip') return { action: 'skip', reason: decision.reason };
    const rules = rulesets(decision.plan, VERSION);
    return { action: 'redirect', decision, rules, added: undefined };
  } catch (error) {
    return { action: 'unknown', why: error instanceof Error ? error.message : String(error) };
  }
}
