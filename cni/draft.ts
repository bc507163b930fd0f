import { type AttachmentRecord, type Outcome, type RecordedError } from './attachment.ts';
import { type Host } from './host.ts';
import { type CniError, detailsOf } from './spec/error.ts';

/** What a record says of the request. */
export type Requested = Pick<
  AttachmentRecord,
  'containerId' | 'ifName' | 'netns' | 'pod' | 'request' | 'warnings'
>;

/** The record of an ADD that has just begun. */
export function emptyRecord(
  request: Requested,
  { versions }: Pick<Host, 'versions'>,
): AttachmentRecord {
  return {
    schema: 1,
    ...request,
    outcome: 'pending',
    startedAt: new Date(performance.timeOrigin).toISOString(),
    finishedAt: undefined,
    facts: undefined,
    decision: undefined,
    rules: undefined,
    families: [],
    backend: undefined,
    versions,
    phases: { start: milliseconds(performance.now()) },
    error: undefined,
  };
}

/** What a record says at its end. */
export function closing(
  outcome: Outcome,
  { phases }: AttachmentRecord,
): Pick<AttachmentRecord, 'outcome' | 'finishedAt' | 'phases'> {
  // Since the process was started, all phases and what is between them.
  const total = milliseconds(performance.now());
  return { outcome, finishedAt: new Date().toISOString(), phases: { ...phases, total } };
}

export function recordedError(error: CniError): RecordedError {
  const { code, message: msg } = error;
  return { code, msg, details: detailsOf(error) };
}

/** To the hundredth. */
export function milliseconds(value: number): number {
  return Math.round(value * 100) / 100;
}
