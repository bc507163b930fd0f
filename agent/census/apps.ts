import { type Pod } from '../pod.ts';
import { type Evidence, type Expected } from './finding.ts';

/**
 * App containers that run as the proxy's user, as far as the pod says; an image's own user is not known here. Init
 * containers are let alone: Istio's validation runs so, and others do to get out before there is a proxy.
 */
export function appFindings({ spec }: Pod, expected: Expected): Evidence[] {
  if (expected.action !== 'redirect') return [];
  const proxyUid: number = expected.decision.plan.proxyUid;
  return spec.containers
    .filter(({ name }) => name !== 'istio-proxy')
    .filter(
      ({ securityContext }) =>
        (securityContext.runAsUser ?? spec.securityContext.runAsUser) === proxyUid,
    )
    .map(({ name }) => ({ kind: 'proxy-uid-app', container: name, uid: proxyUid }));
}
