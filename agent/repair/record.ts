import { type AttachmentRecord } from '../../cni/attachment.ts';
import { type Applied } from '../../cni/kernel/apply.ts';
import { readRecord, removeRecord, writeRecord } from '../../cni/record.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { VERSION } from '../../cni/version.ts';
import { type Expected } from '../census/finding.ts';
import { type PodNetns } from '../census/netns/locate.ts';
import { type Pod, uidsOnNode } from '../pod.ts';
import { attachmentOf } from './attachment.ts';

/** In the notes of a record that no ADD has left. */
export const BY_REPAIR = 'programmed by a repair of the agent, not by an ADD';

/** What was done, and to whom. */
export interface Done {
  readonly pod: Pod;
  readonly found: PodNetns;
  readonly expected: Extract<Expected, { action: 'redirect' }>;
  readonly applied: Applied;
  readonly backend: string;
  readonly startedAt: string;
}

export interface RecordPlaces {
  readonly stateDir: string;
  readonly resultsDir: string;
  /** Whether the pod is still of this node. */
  readonly isThere: () => boolean;
}

/**
 * Leaves the record that an ADD would have left, which CHECK, the next census and `explain` read. A record of an ADD that
 * has redirected the pod says that already.
 *
 * @throws {CniError} `io`
 */
export function recordRepair(done: Done, { stateDir, resultsDir, isThere }: RecordPlaces): void {
  const { record: before } = done.found;
  if (before?.outcome === 'redirected' && before.backend === done.backend) return;
  const named = before ?? attachmentOf(uidsOnNode(done.pod), resultsDir);
  if (named === undefined) return; // nobody could find it, not even the DEL that is to remove it
  const { containerId, ifName } = named;
  const request = before?.request ?? {
    cniVersion: '',
    network: 'network' in named ? named.network : '',
    podAnnotations: done.pod.metadata.annotations,
  };
  // A DEL that came meanwhile has removed what there was, and comes no second time.
  if (before && readRecord(stateDir, named) === undefined) return;
  writeRecord(stateDir, { ...renderRecord(done), containerId, ifName, request });
  if (!isThere()) removeRecord(stateDir, named);
}

function renderRecord({
  pod,
  found,
  expected,
  applied,
  backend,
  startedAt,
}: Done): Omit<AttachmentRecord, 'containerId' | 'ifName' | 'request'> {
  const { namespace, name } = pod.metadata;
  const [uid] = uidsOnNode(pod);
  const { path, inode } = found.netns;
  return {
    schema: 1,
    outcome: 'redirected',
    startedAt,
    finishedAt: new Date().toISOString(),
    netns: { path, inode },
    pod: { namespace, name, uid },
    facts: {
      source: 'agent/watch',
      observedAt: undefined,
      notes: [BY_REPAIR],
      pod: parsePod(pod),
    },
    decision: expected.decision,
    rules: expected.rules,
    families: applied.families,
    backend,
    versions: { sluice: VERSION, node: process.versions.node },
    phases: {},
    warnings: [...expected.decision.warnings, ...applied.warnings],
    error: undefined,
  };
}
