import { readRepairs } from '../../agent/history.ts';
import { isRepair, type RepairEntry } from '../../agent/repair/entry.ts';
import { isObject } from '../../cni/facts/json.ts';
import { askAgent } from '../askagent.ts';
import { type Io } from '../command.ts';
import { repairSummary } from '../history/repairs.ts';
import { nameOf } from '../pods.ts';
import { type Finding, type Look } from './outcome.ts';

/** What the agent says of itself; nothing where it does not answer. */
interface Said {
  readonly lastRepair?: RepairEntry;
  readonly waiting?: Readonly<Record<string, number>>;
}

/** The last repair, and what the agent has still to do: as it says, or without it, as far as its files tell. */
export const lookAtRepairs: Look = async (io) => {
  const { waiting, lastRepair } = await askForRepairs(io);
  const last = lastRepair ?? (await readRepairs(io.place.stateDir)).at(-1);
  const says = [last ? `last: ${told(last)}` : 'none is remembered', rest(waiting)].join('; ');
  const details = { lastRepair: last && repairSummary(last), waiting };
  if (!last || last.outcome === 'done') return { verdict: 'fine', says, details };
  const next = '`census` tells how the pod is now, `history` what was tried';
  return { verdict: 'warning', says, next, details } satisfies Finding;
};

async function askForRepairs(io: Io): Promise<Said> {
  const { body } = await askAgent('GET /v1/status', io).catch(() => ({ body: undefined }));
  if (!isObject(body)) return {};
  const { lastRepair, waiting } = body;
  return {
    ...(isRepair(lastRepair) && { lastRepair }),
    ...(isCounts(waiting) && { waiting }),
  };
}

function told({ outcome, mode, pod, finishedAt }: RepairEntry): string {
  return `${outcome} (${mode}), ${nameOf(pod)}, ${finishedAt}`;
}

const NAMES: Readonly<Record<string, string>> = {
  repairs: 'pods to be repaired',
  events: 'Events to be posted',
  history: 'ADDs and repairs to be written down',
  facts: 'pods to be written down',
};

function rest(waiting: Said['waiting']): string {
  if (!waiting) return 'what waits, only the agent could tell';
  const counts = Object.entries(waiting).filter(([, count]) => count > 0);
  const words = counts.map(([name, count]) => `${count} ${NAMES[name] ?? name}`);
  return words.length === 0 ? 'nothing waits' : `waiting: ${words.join(', ')}`;
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isObject(value) && Object.values(value).every((count) => typeof count === 'number');
}
