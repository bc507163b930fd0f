import { readHistory } from '../../agent/history.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { listRecords } from '../../cni/record.ts';
import { contentHash } from '../../cni/rules/hash.ts';
import { couldNotTell } from '../command.ts';
import { nameOf } from '../pods.ts';

/** One ADD of the runtime, as it was recorded. */
export interface Call {
  readonly kind: 'add';
  /** What `replay` takes, e.g. `9f86d081`. */
  readonly id: string;
  readonly record: AttachmentRecord;
  /** Whether the attachment still has its record: DEL removes it. */
  readonly isCurrent: boolean;
}

const ID_LENGTH = 8;

/**
 * The ADDs that this node remembers, newest first: from the records, and from what the agent kept of those whose
 * records are gone. Needs neither agent nor API server.
 *
 * @throws {CommandError} `unknown` when the state directory cannot be read
 */
export async function readCalls(stateDir: string): Promise<Call[]> {
  try {
    return mergeCalls(listRecords(stateDir), await readHistory(stateDir));
  } catch (cause) {
    throw couldNotTell(`cannot read what was recorded in "${stateDir}": run this as root`, cause);
  }
}

/** Each ADD once: the record is completed after the event may have been sent, so it knows more. */
export function mergeCalls(
  current: readonly AttachmentRecord[],
  kept: readonly AttachmentRecord[],
): Call[] {
  const calls = new Map<string, Call>();
  const all = [
    ...kept.map((record) => [record, false] as const),
    ...current.map((record) => [record, true] as const),
  ];
  for (const [record, isCurrent] of all) {
    if (!isWhole(record)) continue;
    const id = callId(record);
    calls.set(id, { kind: 'add', id, record, isCurrent });
  }
  return [...calls.values()].sort((a, b) => compareText(b.record.startedAt, a.record.startedAt));
}

/** Whether it has what readers of calls rely on, beside what every reader does: one line must not hide all others. */
function isWhole({ facts, families, warnings }: AttachmentRecord): boolean {
  return [families, warnings, ...(facts ? [facts.notes] : [])].every(Array.isArray);
}

/** Kubelet tries again with another container, or with the same one at another time. */
function callId({ containerId, ifName, startedAt }: AttachmentRecord): string {
  return contentHash(`${containerId} ${ifName} ${startedAt}`).slice(0, ID_LENGTH);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `default/web-0`; the container's ID where no pod is known, and where not even that is, `unknown`. */
export function podName({
  pod,
  containerId,
}: Pick<AttachmentRecord, 'pod' | 'containerId'>): string {
  if (pod) return nameOf(pod);
  return containerId === '' ? 'unknown' : containerId;
}
