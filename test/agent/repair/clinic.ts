import { pino } from 'pino';
import { type Api } from '../../../agent/api.ts';
import { createMetrics } from '../../../agent/metrics.ts';
import { type PodEvent } from '../../../agent/podevents/event.ts';
import { loadLibc } from '../../../agent/census/look/libc.ts';
import { connectionsBy } from '../../../agent/repair/connections/connections.ts';
import { recordRepair } from '../../../agent/repair/record.ts';
import { createAttempts } from '../../../agent/repair/attempts.ts';
import { type RepairEntry } from '../../../agent/repair/entry.ts';
import { createEvict } from '../../../agent/repair/evict.ts';
import { createLabel, createUnlabel } from '../../../agent/repair/label.ts';
import { createMend } from '../../../agent/repair/mend.ts';
import { type Mode } from '../../../agent/repair/mode.ts';
import { observe } from '../../../agent/repair/observe.ts';
import { createRepair, type Repair, type RepairOptions } from '../../../agent/repair/repair.ts';
import { type Ward } from './ward.ts';

/** The repair of an agent, without the agent. */
export interface Clinic extends Repair {
  readonly events: readonly PodEvent[];
  readonly kept: readonly RepairEntry[];
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly metrics: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const nobody: Pick<Api, 'get' | 'write'> = {
  get: async () => Promise.reject(new Error('nobody is asked')),
  write: async () => Promise.reject(new Error('nobody is told')),
};

export function openClinic(
  ward: Ward,
  {
    mode = 'repair',
    api = nobody,
    toolsDir,
    ...changes
  }: Partial<RepairOptions> & {
    mode?: Mode;
    api?: Pick<Api, 'get' | 'write'>;
    toolsDir?: string;
  } = {},
): Clinic {
  const stop = new AbortController();
  const { signal } = stop;
  const metrics = createMetrics(() => 0);
  const events: PodEvent[] = [];
  const kept: RepairEntry[] = [];
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const repair = createRepair({
    mode,
    treatments: {
      repair: createMend({
        ...ward,
        backend: () => 'iptables-nft',
        toolsDir,
        connections: () => connectionsBy(loadLibc(['/run', '/tmp'])),
        cutConnections: false,
        record: (done) => {
          const isThere = (): boolean => ward.podOf(done.pod.metadata.uid) !== undefined;
          recordRepair(done, { ...ward, isThere });
        },
      }),
      delete: createEvict({ api, signal, pauseMs: 10 }),
      label: createLabel({ api, signal }),
      observe,
    },
    podOf: ward.podOf,
    look: ward.look,
    onRight: createUnlabel({ api, signal, pauseMs: 1 }),
    attempts: createAttempts({ firstMs: 20, mostMs: 50 }),
    tell: (event) => events.push(event),
    keep: (entry) => kept.push(entry),
    metrics,
    log: pino({}, { write }),
    signal,
    confirmMs: { repair: 1, delete: 1, label: 1, observe: 1 },
    ...changes,
  });
  const running = repair.run();
  return {
    ...repair,
    events,
    kept,
    lines,
    metrics: metrics.render,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}
