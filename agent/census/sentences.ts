import { renderDifference } from '../../cni/rules/compare.ts';
import { type Evidence, type Finding } from './finding.ts';

export function withSentence(evidence: Evidence): Finding {
  return { ...evidence, sentence: sentenceOf(evidence) };
}

function sentenceOf(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'un-redirected':
      return 'the pod is to be redirected, but its netns holds no such rules: its traffic passes its proxy by';
    case 'partly-redirected':
      return `the ${evidence.family} half of the redirection lacks ${evidence.lacks}`;
    case 'drifted':
      return `the ${evidence.family} rules are not as they were programmed: ${renderDifference(evidence.difference)}`;
    case 'redirected-unexpectedly':
      return `${evidence.backend} holds rules of a mesh, though the pod is not to be redirected: ${evidence.reason}`;
    case 'doubled':
      return `${evidence.backend} holds rules of a mesh as well: traffic may be redirected twice`;
    case 'foreign-in-front':
      return `${evidence.family} traffic is taken away before it is redirected: ${renderDifference(evidence.difference)}`;
    case 'ipv6-leak':
      return `IPv6 traffic passes the proxy by: the pod has ${evidence.addresses.join(', ')}, but no IPv6 rules`;
    case 'proxy-uid-app':
      return `container "${evidence.container}" runs as the proxy's user ${evidence.uid}: its traffic passes the proxy by, and only another runAsUser helps`;
    case 'unknown':
      return `it cannot be told how the pod is redirected: ${evidence.why}`;
  }
}
