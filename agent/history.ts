import { join } from 'node:path';
import { type AttachmentRecord, parseRecord } from '../cni/attachment.ts';
import { redacted } from '../cni/redact.ts';
import { parseRepair, type RepairEntry } from './repair/entry.ts';
import { createRing, readRing } from './ring.ts';

/** The last ADDs that the plugin told of and the last repairs, on disk: those of pods that are gone as well. */
export interface History {
  /** Takes a record to be written behind. Never throws. */
  readonly keep: (record: AttachmentRecord) => void;
  /** The same for a repair. */
  readonly keepRepair: (repair: RepairEntry) => void;
  /** How many of both the disk does not hold yet. */
  readonly waiting: () => number;
  /** Resolves when the disk holds what was taken, or refuses to. */
  readonly flush: () => Promise<void>;
}

export interface HistoryOptions {
  readonly stateDir: string;
  /** Of each of the two files that hold ADDs: the older one goes when the newer one is full. */
  readonly maxBytes?: number;
  /** Told once of either until it succeeds again. */
  readonly onFailure: (error: unknown, what: 'ADDs' | 'repairs') => void;
}

/** Apart from each other: a burst of ADDs, hundreds of times as large, must not drive the repairs out. */
const [ADDS, REPAIRS] = ['adds', 'repairs'];
const REPAIRS_BYTES = 512 * 1024;
/** A record with the rules of an ordinary pod has a quarter of this. */
const MAX_LINE = 64 * 1024;

export function createHistory(options: HistoryOptions): History {
  const { stateDir, maxBytes = 4 * 1024 * 1024, onFailure } = options;
  const directory = historyIn(stateDir);
  const adds = createRing({
    directory,
    name: ADDS,
    maxBytes,
    onFailure: (error) => {
      onFailure(error, 'ADDs');
    },
  });
  const repairs = createRing({
    directory,
    name: REPAIRS,
    maxBytes: REPAIRS_BYTES,
    onFailure: (error) => {
      onFailure(error, 'repairs');
    },
  });
  return {
    keep: (record) => {
      const line = lineOf(record);
      if (line !== undefined) adds.keep(line);
    },
    keepRepair: (repair) => {
      repairs.keep(JSON.stringify(repair));
    },
    waiting: () => adds.waiting() + repairs.waiting(),
    flush: async () => {
      await Promise.all([adds.flush(), repairs.flush()]);
    },
  };
}

/** The ADDs that are kept, oldest first; lines that are torn or not ours are passed over. `[]` if none ever was. */
export async function readHistory(stateDir: string): Promise<AttachmentRecord[]> {
  const lines = await readRing({ directory: historyIn(stateDir), name: ADDS });
  return lines.flatMap((line) => parseRecord(line) ?? []);
}

/** The same of repairs. */
export async function readRepairs(stateDir: string): Promise<RepairEntry[]> {
  const lines = await readRing({ directory: historyIn(stateDir), name: REPAIRS });
  return lines.flatMap((line) => parseRepair(line) ?? []);
}

function historyIn(stateDir: string): string {
  return join(stateDir, 'history');
}

/** Without secrets; without its rules, and in the end its facts, where it would be too long. Undefined for half a record. */
function lineOf(record: AttachmentRecord): string | undefined {
  try {
    const whole = redacted(record);
    const parts = [
      {},
      { rules: undefined },
      { rules: undefined, facts: undefined, decision: undefined, warnings: [] },
    ];
    const texts = parts.map((without) => JSON.stringify({ ...whole, ...without }));
    return texts.find((text) => text.length <= MAX_LINE);
  } catch {
    return undefined;
  }
}
