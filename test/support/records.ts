import { type RepairEntry } from '../../agent/repair/entry.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';

/** A record with all its parts. */
export function attachmentRecord(changes: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return {
    schema: 1,
    containerId: 'c0ffee',
    ifName: 'eth0',
    outcome: 'redirected',
    startedAt: '2026-01-02T03:04:05.678Z',
    finishedAt: '2026-01-02T03:04:05.690Z',
    netns: { path: '/run/netns/a', inode: 4026532281 },
    pod: { namespace: 'default', name: 'web-0', uid: 'uid-1' },
    request: {
      cniVersion: '1.0.0',
      network: 'k8s-pod-network',
      podAnnotations: { 'sidecar.istio.io/status': '{}' },
    },
    facts: {
      source: 'agent/watch',
      observedAt: '2026-01-02T03:04:05Z',
      notes: [],
      pod: {
        namespace: 'default',
        name: 'web-0',
        uid: 'uid-1',
        labels: { app: 'web' },
        annotations: { 'sidecar.istio.io/status': '{}' },
        runAsUser: undefined,
        runAsGroup: undefined,
        containers: [],
      },
    },
    decision: { action: 'skip', reason: 'gateway', warnings: [] },
    rules: {
      hash: '0123abcd',
      ipv4: { family: 'ipv4', tables: [], tproxyRoute: false },
      ipv6: { family: 'ipv6', tables: [], tproxyRoute: false },
    },
    families: ['ipv4', 'ipv6'],
    backend: 'iptables-nft',
    versions: { sluice: '0.1.0', node: '22.23.3' },
    phases: { facts: 1.5, kernel: 4 },
    warnings: [],
    error: undefined,
    ...changes,
  };
}

/** A repair as the agent keeps it. */
export function keptRepair(changes: Partial<RepairEntry> = {}): RepairEntry {
  return {
    schema: 1,
    kind: 'repair',
    startedAt: '2026-01-02T04:04:05.678Z',
    finishedAt: '2026-01-02T04:04:05.698Z',
    pod: { namespace: 'default', name: 'web-0', uid: 'uid-1' },
    mode: 'repair',
    outcome: 'done',
    found: 'it holds no rules',
    message: 'its traffic is redirected now',
    version: '0.1.0',
    ...changes,
  };
}
