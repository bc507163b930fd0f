import { readRepairs } from '../../agent/history.ts';
import { type RepairEntry } from '../../agent/repair/entry.ts';
import { BY_REPAIR } from '../../agent/repair/record.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { couldNotTell } from '../command.ts';
import { nameOf } from '../pods.ts';
import { type Call, compareText, podName, readCalls } from './calls.ts';

/** What the agent did about a pod. */
export interface Repair {
  readonly kind: 'repair';
  readonly repair: RepairEntry;
}

/** What this node remembers of a pod. */
export type Entry = Call | Repair;

/**
 * The ADDs and repairs that this node remembers, newest first. Needs neither agent nor API server.
 *
 * @throws {CommandError} `unknown` when the state directory cannot be read
 */
export async function readEntries(stateDir: string): Promise<Entry[]> {
  const calls = await readCalls(stateDir);
  const repairs = await readRepairs(stateDir).catch((cause: unknown) => {
    throw couldNotTell(`cannot read what was repaired in "${stateDir}": run this as root`, cause);
  });
  return mergeEntries(calls, repairs);
}

/** Each repair once: it leaves the record that an ADD would have left. */
export function mergeEntries(calls: readonly Call[], repairs: readonly RepairEntry[]): Entry[] {
  const added = calls.filter(({ record }) => !repairs.some((repair) => hasLeft(repair, record)));
  const entries = [...added, ...repairs.map((repair) => ({ kind: 'repair', repair }) as const)];
  return entries.sort((a, b) => compareText(startOf(b), startOf(a)));
}

/** As `podName` has it. */
export function entryName(entry: Entry): string {
  return entry.kind === 'add' ? podName(entry.record) : nameOf(entry.repair.pod);
}

function hasLeft(
  { pod, startedAt, finishedAt }: RepairEntry,
  { pod: recorded, facts, startedAt: at }: AttachmentRecord,
): boolean {
  const isOurs = facts?.notes.includes(BY_REPAIR) === true && recorded?.uid === pod.uid;
  return isOurs && startedAt <= at && at <= finishedAt;
}

function startOf(entry: Entry): string {
  return entry.kind === 'add' ? entry.record.startedAt : entry.repair.startedAt;
}
