import { type PortRange } from '../../../cni/redirect/ports.ts';

/** `nat OUTPUT -j ISTIO_OUTPUT` is appended, `nat PREROUTING 1 -i eth1 -j RETURN` inserted at its position. */
export type Emission = string;

/** The loopback range, and where the sidecar passes inbound traffic on from. */
export interface Names {
  readonly lo: string;
  readonly pass: string;
}

export function portText({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}:${last}`;
}
