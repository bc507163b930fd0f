/** What tells a rule's maker, by name. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/\bKUBE-/, 'kube-proxy or kubelet'],
  [/\bcali-/, 'Calico'],
  [/\bCILIUM_/, 'Cilium'],
  [/\bPROXY_INIT_/, 'Linkerd'],
  [/\b(?:KUMA_)?MESH_(?:IN|OUT)BOUND|\bKUMA_MESH_/, 'Kuma'],
  [/\bPROXY_(?:IN|OUT)BOUND|\bOSM_/, 'Open Service Mesh'],
  [/\bCONSUL_/, 'Consul'],
  [/\bDOCKER|127\.0\.0\.11\b/, 'Docker'],
  [/\bCNI-(?:HOSTPORT|DN|SN|FORWARD|ADMIN)/, 'the portmap or firewall plugin'],
  [/\bAWS-(?:SNAT|CONNMARK)/, 'the AWS VPC plugin'],
  [/\bFLANNEL-/, 'Flannel'],
  [/\bNETAVARK/, 'Podman'],
  [/\bLIBVIRT_/, 'libvirt'],
  [/\bufw6?-/, 'ufw'],
  [/\bf2b-/, 'fail2ban'],
  [/\bts-(?:input|forward|postrouting)/, 'Tailscale'],
  [/\bISTIO_PRERT|\bISTIO_POSTRT/, 'Istio in ambient mode'],
];

/** Who may have made a rule that is not ours; undefined where nothing tells. */
export function ownerOf(chain: string, rule: string): string | undefined {
  const text = `${chain} ${rule}`;
  return OWNERS.find(([pattern]) => pattern.test(text))?.[1];
}
