import { type AttachmentRecord } from '../../cni/attachment.ts';
import { type PodEvent } from './event.ts';

const FAMILIES = { ipv4: 'IPv4', ipv6: 'IPv6' };

/**
 * What a pod's Events tell of its ADD: that it is redirected, and what an operator should know beside.
 *
 * Nothing about pods that are not redirected, which do not notice us, and nothing about failures: of them kubelet tells,
 * with our sentence.
 */
export function eventOfAdd(record: AttachmentRecord): PodEvent | undefined {
  const { outcome, pod, decision, families, warnings } = record;
  if (outcome !== 'redirected' || pod?.uid === undefined) return undefined;
  const mode = decision?.action === 'redirect' ? decision.plan.mode : 'REDIRECT';
  const protocols = families.map((family) => FAMILIES[family]).join(' and ');
  const message = `its traffic is redirected to its sidecar: ${mode}, ${protocols}`;
  const { namespace, name, uid } = pod;
  return {
    pod: { namespace, name, uid },
    type: warnings.length > 0 ? 'Warning' : 'Normal',
    reason: 'Redirected',
    message: [message, ...warnings].join('; '),
  };
}
