import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutPod } from '../../agent/pod.ts';
import { writeFacts } from '../../agent/disk.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { writeRecord } from '../../cni/record.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { podFacts, type PodChanges, v1Pod } from '../support/pod.ts';
import { attachmentRecord } from '../support/records.ts';

/** What lies on the disk of a node. */
export interface Node {
  /** A function is called when the tests begin. */
  readonly records?: readonly (Promise<AttachmentRecord> | (() => Promise<AttachmentRecord>))[];
  /** Pods that the agent has written down. */
  readonly facts?: readonly PodChanges[];
}

/** A state directory for the tests of this `describe`, gone after them. */
export function nodeState({ records = [], facts = [] }: Node): { readonly path: () => string } {
  let path = '';
  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'sluice-state-'));
    for (const record of records) {
      writeRecord(path, await (typeof record === 'function' ? record() : record));
    }
    const cut = facts.map((changes) => cutPod(v1Pod(changes)));
    const observedAt = '2026-01-02T03:04:06Z';
    await writeFacts(
      `${path}/pods`,
      new Map(cut.map((pod) => [pod.metadata.uid, { pod, observedAt }])),
    );
  });
  // Whoever is skipped has made none.
  after(() => rm(path, { recursive: true, force: true }));
  return { path: () => path };
}

/** The record of an ADD that decided about such a pod. */
export async function addOf(
  pod: PodChanges,
  changes: Partial<AttachmentRecord> = {},
): Promise<AttachmentRecord> {
  const facts = podFacts(pod);
  const { namespace, name, uid } = facts;
  const decision = await decide(facts);
  const isRedirected = decision.action === 'redirect';
  return attachmentRecord({
    pod: { namespace, name, uid },
    containerId: `of-${namespace}-${name}`,
    outcome: isRedirected ? 'redirected' : 'skipped',
    facts: { source: 'agent/watch', observedAt: '2026-01-02T03:04:05Z', notes: [], pod: facts },
    decision,
    rules: isRedirected ? rulesets(decision.plan, '0.1.0') : undefined,
    families: isRedirected ? ['ipv4', 'ipv6'] : [],
    warnings: decision.warnings,
    ...changes,
  });
}
