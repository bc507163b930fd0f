import { readRepairs } from '../../agent/history.ts';
import { isRepair, type RepairEntry } from '../../agent/repair/entry.ts';
import { isObject } from '../../cni/facts/json.ts';
import { askAgent } from '../askagent.ts';
import { type Io } from '../command.ts';
import { isOpen, repairSummary } from '../history/repairs.ts';
import { nameOf } from '../pods.ts';
import { type Finding, type Look } from './outcome.ts';

/** What the agent says of itself. */
interface Said {
  readonly isThere: boolean;
  readonly lastRepair?: RepairEntry;
  readonly waiting?: Readonly<Record<string, number>>;
}

/** The last repair, and what the agent has still to do: as it says, or without it, as far as its files tell. */
export const lookAtRepairs: Look = async (io) => {
  const said = await askForRepairs(io);
  const last = said.lastRepair ?? (await readRepairs(io.place.stateDir)).at(-1);
  const isWarning = last !== undefined && isOpen(last, Date.now());
  const since = last && last.outcome !== 'done' && !isWarning ? ', not tried again since' : '';
  const what = last ? `last: ${told(last)}${since}` : 'none is remembered';
  const says = `${what}; ${rest(said)}`;
  const details = { lastRepair: last && repairSummary(last), waiting: said.waiting };
  if (!last || last.outcome === 'done') return { verdict: 'fine', says, details };
  const next = '`census` tells how the pod is now, `history` what was tried';
  return { verdict: isWarning ? 'warning' : 'fine', says, next, details } satisfies Finding;
};

async function askForRepairs(io: Io): Promise<Said> {
  const answer = await askAgent('GET /v1/status', io).catch(() => undefined);
  if (!isObject(answer?.body)) return { isThere: answer !== undefined };
  const { lastRepair, waiting } = answer.body;
  return {
    isThere: true,
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

function rest({ isThere, waiting }: Said): string {
  if (!isThere) return 'what waits, only the agent could tell';
  if (!waiting) return 'what waits, this agent does not tell';
  const counts = Object.entries(waiting).filter(([, count]) => count > 0);
  const words = counts.map(([name, count]) => `${count} ${NAMES[name] ?? name}`);
  return words.length === 0 ? 'nothing waits' : `waiting: ${words.join(', ')}`;
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isObject(value) && Object.values(value).every((count) => typeof count === 'number');
}
