import { statSync } from 'node:fs';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { listRecords } from '../../cni/record.ts';

/**
 * The records of the node's ADDs, read again when one came or went. Each comes to its place by a rename, which the
 * directory's time tells.
 */
export function createRecords(stateDir: string): () => readonly AttachmentRecord[] {
  let known: readonly AttachmentRecord[] = [];
  let since: number | undefined;
  return () => {
    const changedAt = statSync(`${stateDir}/attachments`, { throwIfNoEntry: false })?.mtimeMs;
    // The clock of file systems is coarse: what has just changed may change again in the same tick.
    const isSure = changedAt !== undefined && Date.now() - changedAt > 1_000;
    if (!isSure || changedAt !== since) known = readable(stateDir);
    since = isSure ? changedAt : undefined;
    return known;
  };
}

/** Without records, netns are found by other means. */
function readable(stateDir: string): AttachmentRecord[] {
  try {
    return listRecords(stateDir);
  } catch {
    return [];
  }
}
