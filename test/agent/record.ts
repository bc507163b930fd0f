import { type AttachmentRecord } from '../../cni/attachment.ts';

/** What the plugin tells of an ADD that it passed over. */
export function record(): AttachmentRecord {
  return {
    schema: 1,
    containerId: 'c1',
    ifName: 'eth0',
    outcome: 'skipped',
    startedAt: '2026-01-02T03:04:05Z',
    finishedAt: '2026-01-02T03:04:06Z',
    netns: { path: '/run/netns/a', inode: undefined },
    pod: { namespace: 'default', name: 'web-0', uid: 'u1' },
    request: { cniVersion: '1.0.0', network: 'net', podAnnotations: undefined },
    facts: undefined,
    decision: { action: 'skip', reason: 'own-agent', warnings: [] },
    rules: undefined,
    families: [],
    backend: undefined,
    versions: { sluice: '1', node: '22' },
    phases: { start: 20, facts: 5, odd: 1 },
    warnings: [],
    error: undefined,
  };
}
